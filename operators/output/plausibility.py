"""Is a result plausible? Checks NCCT and Syn-CTA for enhancement that no real circulation gives.

A vessel that is bright in one slice and dark in the next looks like a dissection or an occlusion; a seam between the
network's patches is a straight edge; and nothing may be enhanced where no vessel runs. Findings become warnings; the
result is not changed.
"""

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from operators.dicom_loader.body import CoarseBody
from operators.report.coarse_result import COARSE_ENHANCEMENT_HU, CoarseResult

_SAME_TISSUE_HU = 30.0
"""Neighbours that differ by less in the NCCT are one tissue, as far as an unenhanced scan can tell."""

_VESSEL_CM2 = 1.5
_STEADY_MM = 9.0
"""A vessel of at least this length does not end from one slice to the next."""

_STEADY_SHARE, _LOST_SHARE = 0.6, 0.5
"""Share of a section that was present before, and share around it that was enhanced before and is dark now: the heart
and the arch end in a dome, which shrinks before it ends."""

_REMAINING_SHARE = 0.3
_WHOLE_PLANE_CM2 = 20.0
_SEAM_MM = 36.0
_NEAR_SKIN_MM = 9.0
_BEHIND_SPINE = 0.2
"""Share of the body's depth, from the back, in which no vessel runs that the model synthesises."""

_MIN_OUTSIDE_ML = 2.0


def plausibility_warnings(result: CoarseResult) -> list[str]:
    """Find what is plausibility_warnings in a result.

    Args:
        result: the coarse result.

    Returns:
        Warnings, empty for a plausible result.
    """
    body, added_hu, enhanced, soft = result.body, result.added_hu, result.enhanced, result.soft
    return [
        *_cut_vessels(body, added_hu, enhanced, soft),
        *_seams(body, added_hu, soft),
        *_outside_vessels(body, enhanced),
    ]


def _cut_vessels(body: CoarseBody, added_hu: np.ndarray, enhanced: np.ndarray, soft: np.ndarray) -> Iterator[str]:
    """Vessels that are enhanced in one slice and dark in the next."""
    opened = ndimage.binary_opening(enhanced, np.ones((1, 2, 2), dtype=bool))
    broken = [i for i in range(len(enhanced) - 1) if _is_cut_vessel(body, added_hu, opened, soft, i, i + 1)]
    broken += [i for i in range(1, len(enhanced)) if _is_cut_vessel(body, added_hu, opened, soft, i, i - 1)]
    if broken:
        yield (
            "A vessel of the result may be cut off: it is bright in one slice and dark in the next at "
            f"{len(set(broken))} level(s), first {min(broken) * body.spacing_mm[0]:.0f} mm above the lowest slice. Do "
            "not read it as an occlusion or a dissection."
        )


def _is_cut_vessel(
    body: CoarseBody, added_hu: np.ndarray, enhanced: np.ndarray, soft: np.ndarray, index: int, other: int
) -> bool:
    """Whether something enhanced and steady in a slice is dark in the other one, although the tissue goes on there."""
    behind = round(_STEADY_MM / body.spacing_mm[0]) or 1
    before = index - behind if other > index else index + behind
    if not 0 <= before < len(enhanced):
        return False
    goes_on = soft[other] & (np.abs(body.hu[other] - body.hu[index]) < _SAME_TISSUE_HU)
    labels, count = ndimage.label(enhanced[index])
    for label in range(1, count + 1):
        section = labels == label
        area_cm2 = section.sum() * body.pixel_cm2
        around = ndimage.binary_dilation(section, iterations=2)
        lost = (around & enhanced[before] & ~enhanced[index]).sum()
        was_there, area = (section & enhanced[before]).sum(), section.sum()
        is_steady = was_there >= _STEADY_SHARE * area and lost <= _LOST_SHARE * area
        if area_cm2 < _VESSEL_CM2 or not is_steady:
            continue
        dark = section & goes_on & (added_hu[other] < COARSE_ENHANCEMENT_HU / 3)
        is_vessel = area_cm2 < _WHOLE_PLANE_CM2 and dark.sum() > (1 - _REMAINING_SHARE) * section.sum()
        if is_vessel or dark.sum() * body.pixel_cm2 > _WHOLE_PLANE_CM2:
            return True
    return False


def _seams(body: CoarseBody, added_hu: np.ndarray, soft: np.ndarray) -> Iterator[str]:
    """Straight edges of the enhancement along rows or columns, through tissue that has none."""
    longest_mm = 0.0
    for axis, along in ((1, 2), (2, 1)):
        step_hu = np.abs(np.diff(added_hu, axis=axis))
        same = np.abs(np.diff(body.hu, axis=axis)) < _SAME_TISSUE_HU
        first, second = np.delete(soft, -1, axis), np.delete(soft, 0, axis)
        edge = (step_hu > COARSE_ENHANCEMENT_HU) & same & first & second
        length = max(2, round(_SEAM_MM / body.spacing_mm[along]))
        runs = ndimage.minimum_filter1d(edge.astype(np.uint8), length, axis=along, mode="constant")
        if runs.any():
            longest_mm = max(longest_mm, length * body.spacing_mm[along])
    if longest_mm:
        yield (
            f"The result may have a seam: the enhancement ends along a straight line of {longest_mm:.0f} mm or more. "
            "Do not read it as a dissection."
        )


def _outside_vessels(body: CoarseBody, enhanced: np.ndarray) -> Iterator[str]:
    """Lit regions near the skin, behind the spine or outside of the body."""
    trunk = body.is_trunk[:, None, None]
    near_skin = trunk & body.mask & (body.depth_mm < _NEAR_SKIN_MM)
    outside_ml = _large_ml(enhanced & (near_skin | _behind_spine(body) | ~body.mask), body.voxel_ml)
    if outside_ml >= _MIN_OUTSIDE_ML:
        yield (
            f"The result enhances {outside_ml:.0f} ml where no great vessel lies (near the skin, behind the spine or "
            "outside the body)."
        )


def _behind_spine(body: CoarseBody) -> np.ndarray:
    """(z, y, x) the hindmost part of the trunk."""
    behind = np.zeros_like(body.mask)
    for i in np.flatnonzero(body.is_trunk):
        rows = np.flatnonzero(body.mask[i].any(axis=1))
        behind[i, rows[-1] - int(_BEHIND_SPINE * (rows[-1] - rows[0])) :] = True
    return behind & body.mask


def _large_ml(mask: np.ndarray, voxel_ml: float) -> float:
    """Volume of the regions of at least 1 ml."""
    labels, count = ndimage.label(mask)
    sizes_ml = np.bincount(labels.ravel(), minlength=count + 1)[1:] * voxel_ml
    return float(sizes_ml[sizes_ml >= 1.0].sum())
