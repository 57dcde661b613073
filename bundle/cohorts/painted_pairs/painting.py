"""The CTA of a painted pair: the NCCT with contrast in its arteries."""

import numpy as np
from scipy import ndimage

from cohorts.ct.reading import Volume

EDGE_MM = 0.55
"""Standard deviation of the blur at the vessel's wall, as a scanner has it."""

LUMEN_FROM_WALL_MM = 0.6
"""Marks and growth reach up to the outer wall; the lumen begins this far inside."""

CALCIUM_HU = (120.0, 220.0)
"""From the first value on a voxel is partly calcium, from the second wholly: contrast does not reach it."""


def painted_cta_hu(volume: Volume, arteries: np.ndarray, blood_hu: float, lumen_hu: float) -> np.ndarray:
    """Paint contrast into arteries.

    Args:
        volume: the NCCT, (slices, rows, columns) in HU.
        arteries: up to their outer wall, the same shape, bool.
        blood_hu: unenhanced blood of the patient.
        lumen_hu: level of the filled lumen.

    Returns:
        The CTA on the same grid, float32; the NCCT's noise, texture and calcium are kept.
    """
    inside_mm = ndimage.distance_transform_edt(arteries, volume.spacing_mm)
    lumen = (inside_mm > LUMEN_FROM_WALL_MM).astype(np.float32)
    share = ndimage.gaussian_filter(lumen, [EDGE_MM / step for step in volume.spacing_mm])
    low, high = CALCIUM_HU
    free = 1 - np.clip((ndimage.gaussian_filter(volume.hu, (0, 0.7, 0.7)) - low) / (high - low), 0, 1)
    return (volume.hu + share * free * (lumen_hu - blood_hu)).astype(np.float32)
