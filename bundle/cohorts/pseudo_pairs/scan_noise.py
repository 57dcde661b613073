"""The noise for replaced blood: that of the scan where it is lowest."""

import numpy as np
from scipy import ndimage

from cohorts.ct.reading import Volume
from cohorts.pseudo_pairs.morphology import bounding_box, dilate, erode
from cohorts.pseudo_pairs.noise import Noise, measure_noise
from cohorts.pseudo_pairs.recipe import Series

CORE_MM = 2.0
"""How far from its edge a structure is measured."""

MIN_VOXELS = 1000

UNENHANCED_HU = (20.0, 85.0)
"""Muscle, and organs that took up little contrast."""

ADJACENT_MM = 40.0
CLEAR_OF_BLOOD_MM = 3.0
_SMOOTHING_MM = 1.5


def scan_noise(volume: Volume, series: Series, masks: list[np.ndarray]) -> Noise:
    """Level and grain of the noise in the quietest of the components and the tissue beside them.

    Mixing, streaks and trabeculae add to the noise of a component, strands of fat to that of the tissue: the lowest
    value is nearest to the scanner's noise. New blood that is grainier than its surroundings would be recognisable.

    Args:
        volume: the CTA.
        series: its recipe.
        masks: of `series.components`, (slices, rows, columns).

    Raises:
        ValueError: when neither a component nor the tissue beside them is large enough to measure.
    """
    structures = [
        mask for component, mask in zip(series.components, masks, strict=True) if component.kind != "lung_vessels"
    ]
    quiet = []
    for mask in (*structures, adjacent_tissue(volume, masks)):
        core = erode(mask, CORE_MM, volume.spacing_mm)
        if core.sum() >= MIN_VOXELS:
            box = bounding_box(core, (1, 1, 1))
            quiet.append(measure_noise(volume.hu[box], core[box]))
    if not quiet:
        raise ValueError(
            f"{series.patient}: no component and no soft tissue beside them is large enough to measure noise."
        )
    return min(quiet, key=lambda noise: noise.sd_hu)


def adjacent_tissue(volume: Volume, masks: list[np.ndarray]) -> np.ndarray:
    """Soft tissue without contrast, clear of what the masks show but within 40 mm of the box around all of it.

    Returns:
        (slices, rows, columns) bool.
    """
    adjacent = np.zeros(volume.hu.shape, bool)
    enhanced = np.any(masks, axis=0)
    if enhanced.any():
        box = bounding_box(enhanced, tuple(round(ADJACENT_MM / step) for step in volume.spacing_mm))
        smooth_hu = ndimage.gaussian_filter(volume.hu[box], [_SMOOTHING_MM / step for step in volume.spacing_mm])
        soft = (smooth_hu > UNENHANCED_HU[0]) & (smooth_hu < UNENHANCED_HU[1])
        adjacent[box] = soft & ~dilate(enhanced[box], CLEAR_OF_BLOOD_MM, volume.spacing_mm)
    return adjacent
