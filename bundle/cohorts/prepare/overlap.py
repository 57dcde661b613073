"""Overlap of NCCT and CTA: the part that both show, and the grid of the training volumes."""

import numpy as np
import SimpleITK as sitk

from cohorts.ct.reading import working_grid
from cohorts.prepare.coarse_pair import CoarsePair, similarity
from cohorts.prepare.reasons import PairRejected, Reason

_COVERED_SHARE = 0.98


def check_overlap(ncct: sitk.Image, cta: sitk.Image, min_overlap: float) -> None:
    """Refuse scans whose slices do not overlap, before anything is resampled.

    Args:
        ncct, cta: in LPS order.
        min_overlap: share of the shorter scan that both must have in common.

    Raises:
        PairRejected: with the reason.
    """
    ranges = []
    for image in (ncct, cta):
        last = [size - 1 for size in image.GetSize()]
        ends = image.TransformIndexToPhysicalPoint([0, 0, 0])[2], image.TransformIndexToPhysicalPoint(last)[2]
        ranges.append((min(ends), max(ends)))
    common_mm = min(high for _, high in ranges) - max(low for low, _ in ranges)
    shorter_mm = min(high - low for low, high in ranges)
    if common_mm <= 0:
        raise PairRejected(Reason.NO_OVERLAP, f"the scans are {-common_mm:.0f} mm apart")
    if common_mm < min_overlap * shorter_mm:
        raise PairRejected(Reason.POSITION_DIFFERS, f"{common_mm:.0f} mm of {shorter_mm:.0f} mm in common")


def common_box(coarse: CoarsePair, min_overlap: float, crop_margin_mm: float | None) -> tuple[slice, ...]:
    """Part of the coarse grid that both scans show.

    The rows and columns that the CTA covers, and there the longest run of slices in which it shows the whole body.

    Args:
        coarse: both scans.
        min_overlap: share of the body in the plane that the CTA must show.
        crop_margin_mm: air kept around the body in the plane; None for all that both cover.

    Returns:
        (slices, rows, columns).

    Raises:
        PairRejected: too little is common.
    """
    if not coarse.body.any():
        raise PairRejected(Reason.NOT_HU, "no body in the NCCT")
    if not (coarse.covered & coarse.body).any():
        raise PairRejected(Reason.NO_OVERLAP, "the CTA does not show the body of the NCCT")
    seen = [_extent(coarse.covered.any(axis=axes)) for axes in ((0, 2), (0, 1))]
    window = np.s_[:, seen[0], seen[1]]
    body, covered = coarse.body[window], coarse.covered[window]
    pixels = body.sum((1, 2))
    shown = (body & covered).sum((1, 2)) >= _COVERED_SHARE * np.maximum(pixels, 1)
    run = _longest_run(shown & (pixels > 0))
    share = body[run].sum() / max(1, coarse.body[run].sum())
    if run.stop <= run.start or share < min_overlap:
        raise PairRejected(Reason.POSITION_DIFFERS, f"the CTA shows {share:.0%} of the body in the axial plane")
    if crop_margin_mm is None:
        return run, *seen
    margin = round(crop_margin_mm / coarse.grid.GetSpacing()[0])
    box = [run]
    for axes, limit in (((0, 2), seen[0]), ((0, 1), seen[1])):
        extent = _extent(coarse.body[run].any(axis=axes))
        box.append(slice(max(limit.start, extent.start - margin), min(limit.stop, extent.stop + margin)))
    return tuple(box)


def _extent(hit: np.ndarray | np.bool) -> slice:
    places = np.flatnonzero(hit)
    return slice(int(places[0]), int(places[-1]) + 1)


def _longest_run(hit: np.ndarray) -> slice:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], hit.astype(np.int8), [0]])))
    if not len(edges):
        return slice(0, 0)
    starts, stops = edges[::2], edges[1::2]
    longest = int(np.argmax(stops - starts))
    return slice(int(starts[longest]), int(stops[longest]))


def fine_grid(ncct: sitk.Image, coarse: CoarsePair, box: tuple[slice, ...]) -> sitk.Image:
    """The working grid over the NCCT, cut to the box on the coarse grid."""
    whole = working_grid(ncct)
    cut = []
    for part, side, size in zip(box[::-1], range(3), whole.GetSize(), strict=True):
        step = whole.GetSpacing()[side] / coarse.grid.GetSpacing()[side]
        # the grids share their origin; the last coarse voxel is the whole side's end
        stop = size if part.stop == coarse.grid.GetSize()[side] else int((part.stop - 1) / step + 1e-3) + 1
        cut.append(slice(int(np.ceil(part.start / step - 1e-3)), min(size, stop)))
    return whole[tuple(cut)]


def better_orientation(coarse: CoarsePair, enough: float) -> str | None:
    """Name of the axis over which the CTA must be turned to look like the NCCT; None when no turn helps."""
    for name, axes in (("head to feet", 0), ("front to back", 1), ("in the plane", (1, 2)), ("left to right", 2)):
        turned = CoarsePair(
            coarse.grid, coarse.ncct_hu, np.flip(coarse.cta_hu, axes), np.flip(coarse.covered, axes), coarse.body
        )
        if similarity(turned) >= enough:
            return name
    return None
