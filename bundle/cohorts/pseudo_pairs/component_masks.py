"""Where the contrast is: a mask for each component of the recipe, by seeded region growing or from mask files."""

import logging
from pathlib import Path

import numpy as np
from scipy import ndimage
from skimage.segmentation import watershed

from cohorts.ct.reading import Volume, read_mask
from cohorts.pseudo_pairs.morphology import bounding_box, close, connected, dilate, erode, fill_holes
from cohorts.pseudo_pairs.recipe import Component, Series

logger = logging.getLogger(__name__)

SMOOTHING_MM = 0.5
"""Width of the Gaussian before thresholding: quiets noise, keeps vessels of 3 mm."""

SEED_RADIUS_MM = 3.0
"""A seed is a ball of this radius, so that a position read off a picture is good enough."""

CLOSING_MM = 2.0

LUNG_HU = -500.0
LUNG_CLOSING_MM = 6.0
"""Closes each lung over its vessels, without bridging the mediastinum."""

LUNG_VESSEL_PEAK_HU = 110.0
"""A part that never gets this bright is a nodule, a fissure or the dome of the liver."""


def smoothed_hu(volume: Volume) -> np.ndarray:
    """The scan, lightly smoothed, for thresholds."""
    return ndimage.gaussian_filter(volume.hu, [SMOOTHING_MM / step for step in volume.spacing_mm])


def _box(component: Component, volume: Volume) -> tuple[slice, ...]:
    if component.box_mm is None:
        return (slice(None),) * 3
    box = []
    for (low, high), start, step, size in zip(
        component.box_mm[::-1], volume.origin_mm[::-1], volume.spacing_mm, volume.hu.shape, strict=True
    ):
        box.append(slice(int(np.clip((low - start) / step, 0, size)), int(np.clip((high - start) / step + 1, 0, size))))
    return tuple(box)


def _seed_markers(components: tuple[Component, ...], volume: Volume) -> np.ndarray:
    """Balls around every seed; the value is the component's index + 1."""
    markers = np.zeros(volume.hu.shape, np.int16)
    for value, component in enumerate(components, start=1):
        for seed_mm in component.seeds_mm:
            centre = [
                (s - o) / d for s, o, d in zip(seed_mm[::-1], volume.origin_mm[::-1], volume.spacing_mm, strict=True)
            ]
            if np.any(np.less(centre, -0.5) | np.greater(centre, np.subtract(markers.shape, 0.5))):
                raise ValueError(f"Seed {seed_mm} of {component.name!r} lies outside the series.")
            reach = [SEED_RADIUS_MM / step for step in volume.spacing_mm]
            window = tuple(slice(max(0, int(c - r)), int(c + r) + 2) for c, r in zip(centre, reach, strict=True))
            grid = np.ogrid[window]
            part = markers[window]
            inside = np.zeros(part.shape, np.float64)
            for g, c, r in zip(grid, centre, reach, strict=True):
                inside = inside + ((g[tuple(slice(size) for size in part.shape)] - c) / r) ** 2
            part[inside <= 1] = value
    return markers


def _grow(
    component: Component,
    value: int,
    smooth: np.ndarray,
    markers: np.ndarray,
    threshold: float,
    spacing: tuple[float, float, float],
) -> np.ndarray:
    """Mask of one component inside its box; other components' seeds claim their own part of what is connected."""
    candidate = smooth > threshold
    if component.upper_hu is not None:
        candidate &= smooth < component.upper_hu
    core = erode(candidate, component.erosion_mm, spacing)
    seeds = np.where(core, markers, 0)
    if not (seeds == value).any():
        raise ValueError(
            f"No voxel above {threshold:.0f} HU at the seeds of {component.name!r}: check seeds and threshold."
        )
    labels = connected(core)
    core = np.isin(labels, np.unique(labels[seeds == value]))
    if len(np.unique(seeds[core])) > 2:
        # touching structures part at the narrowest place between their seeds
        box = bounding_box(core, (1, 1, 1))
        distance = ndimage.distance_transform_edt(core[box], sampling=spacing).astype(np.float32)
        core[box] = watershed(-distance, np.where(core, seeds, 0)[box], mask=core[box]) == value
    grown = dilate(core, component.reach_mm, spacing) & candidate
    return fill_holes(close(grown, CLOSING_MM, spacing))


def lung_vessels(
    smooth: np.ndarray, body: np.ndarray, threshold: float, spacing: tuple[float, float, float]
) -> np.ndarray:
    """What is brighter than `threshold` inside the closed lungs, thin, and somewhere filled with contrast."""
    labels = connected((smooth < LUNG_HU) & body)
    sizes = np.bincount(labels.ravel())[1:]
    flat = (1e6, *spacing[1:])
    vessels = np.zeros(body.shape, bool)
    for value in 1 + np.flatnonzero(sizes >= sizes.max(initial=0) / 10):
        vessels |= close(labels == value, LUNG_CLOSING_MM, flat)
    vessels &= smooth > threshold
    vessels &= ~dilate(erode(vessels, LUNG_CLOSING_MM, flat), LUNG_CLOSING_MM + 2.0, flat)
    labels = connected(vessels)
    peaks = ndimage.maximum(smooth, labels, np.arange(labels.max() + 1))
    return vessels & (np.asarray(peaks)[labels] > LUNG_VESSEL_PEAK_HU)


def component_masks(volume: Volume, body: np.ndarray, series: Series, source: Path) -> list[np.ndarray]:
    """Masks of the series' components in the recipe's order; an earlier component keeps a voxel that two claim.

    Args:
        volume: the CTA.
        body: mask of the patient.
        series: its recipe.
        source: folder that mask files are relative to.

    Returns:
        One (slices, rows, columns) bool array for each component. `keep` components give an empty one.

    Raises:
        ValueError: a seed lies outside the series, or a component has no enhanced voxel.
    """
    smooth = smoothed_hu(volume)
    markers = _seed_markers(series.components, volume)
    taken = np.zeros(volume.hu.shape, bool)
    chambers = [v for v, c in enumerate(series.components, start=1) if c.kind in ("left_heart", "right_heart")]
    masks = []
    for value, component in enumerate(series.components, start=1):
        mask = np.zeros(volume.hu.shape, bool)
        if component.kind != "keep":
            threshold = series.threshold_hu if component.threshold_hu is None else component.threshold_hu
            if component.kind == "lung_vessels":
                mask = lung_vessels(smooth, body, threshold, volume.spacing_mm)
            elif component.masks:
                for path in component.masks:
                    mask |= read_mask(source / path, volume)
                mask &= smooth > threshold
                if not mask.any():
                    raise ValueError(f"No voxel over {threshold:.0f} HU in the masks of {component.name!r}.")
            else:
                box = _box(component, volume)
                seeds = markers[box]
                if component.kind == "myocardium":
                    # it encloses the chambers: their seeds are its own, and the chambers keep their voxels below
                    seeds = np.where(np.isin(seeds, chambers), value, seeds)
                mask[box] = _grow(component, value, smooth[box], seeds, threshold, volume.spacing_mm)
            mask &= ~taken
            taken |= mask
            logger.debug("%s %s: %d voxels", series.patient, component.name, mask.sum())
        masks.append(mask)
    return masks
