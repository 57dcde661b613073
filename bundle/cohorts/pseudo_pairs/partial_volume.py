"""How much of each voxel is contrast-filled blood, and what lies beside it: partial volume at the vessel wall."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from cohorts.pseudo_pairs.morphology import dilate, erode

SOFT_EDGE_VOXELS = 0.8
LEVEL_WIDTH_VOXELS = (1.0, 2.0, 2.0)
FALLBACK_WIDTH_VOXELS = (2.0, 8.0, 8.0)
TRANSITION_HALF_WIDTH_MM = 1.35
"""Half width of the transition from blood to its surroundings: two voxels of 0.67 mm."""

CALCIUM_ONSET_HU = 50.0
"""Below the limit for calcium, where a voxel starts to count as partly calcium."""


@dataclass(frozen=True)
class PartialVolume:
    """Fields over the volume, (slices, rows, columns) float32.

    Attributes:
        weight: 1 where the voxel is rebuilt, falling softly to 0 outside the blood.
        fraction: part of the voxel that is blood, 0 to 1.
        inside: 1 where no wall is near, falling to 0 at the wall.
        lumen_hu: level of the contrast-filled blood here.
        outside_hu: level of what lies beside the blood here, in the CTA.
        calcium: part of the voxel that is far above the lumen (calcium, stent, lead), 0 to 1; it stays as it is.
    """

    weight: np.ndarray
    fraction: np.ndarray
    inside: np.ndarray
    lumen_hu: np.ndarray
    outside_hu: np.ndarray
    calcium: np.ndarray


def masked_mean(
    values: np.ndarray, mask: np.ndarray, width_voxels: tuple[float, float, float] = LEVEL_WIDTH_VOXELS
) -> np.ndarray:
    """Local Gaussian mean of `values` inside `mask`, continued outside it from the nearest voxels of the mask."""
    mask = mask.astype(np.float32)
    total, weight = np.zeros_like(values, np.float32), np.full(values.shape, 1e-12, np.float32)
    for width, share in ((width_voxels, 1.0), (FALLBACK_WIDTH_VOXELS, 1e-3)):
        total += share * ndimage.gaussian_filter(values * mask, width, truncate=4.0 if share == 1 else 6.0)
        weight += share * ndimage.gaussian_filter(mask, width, truncate=4.0 if share == 1 else 6.0)
    return total / weight


def lower_envelope(hu: np.ndarray, slice_radius: int) -> np.ndarray:
    """Lowest value within two voxels in the plane and `slice_radius` slices.

    At the wall this is the level of the surroundings however thin they are; a mean would mix in what lies behind them.
    """
    radius = np.array([max(1, slice_radius), 2, 2])
    grid = np.ogrid[tuple(slice(-r, r + 1) for r in radius)]
    footprint = sum((g / (r + 0.3)) ** 2 for g, r in zip(grid, radius, strict=True)) <= 1
    return ndimage.grey_erosion(ndimage.gaussian_filter(hu, 0.6), footprint=footprint)


def measure_partial_volume(
    cta_hu: np.ndarray,
    blood: np.ndarray,
    thin: np.ndarray,
    level_hu: np.ndarray,
    calcium_hu: np.ndarray,
    outside_hu: np.ndarray,
    spacing_mm: tuple[float, float, float],
) -> PartialVolume:
    """Split every voxel near the blood into blood, surroundings and calcium.

    Args:
        cta_hu: (slices, rows, columns).
        blood: mask of all that is to be filled.
        thin: part of `blood` that is too thin to reach its own level: there `level_hu` counts.
        level_hu: level of the component that is here or nearest.
        calcium_hu: from where a voxel is brighter than its blood can be.
        outside_hu: `lower_envelope` of the CTA.
        spacing_mm: (slice, row, column).
    """
    core = erode(blood, 0.8, spacing_mm) & ~thin | erode(blood, 1.5, spacing_mm)
    lumen_hu = masked_mean(np.where(thin, level_hu, cta_hu), (core | thin) & (cta_hu < calcium_hu))
    # 40 HU: where blood and surroundings hardly differ, their ratio says nothing
    fraction = np.clip((cta_hu - outside_hu) / np.maximum(lumen_hu - outside_hu, 40.0), 0, 1)
    inside = np.clip(ndimage.gaussian_filter(core.astype(np.float32), SOFT_EDGE_VOXELS) * 2, 0, 1)
    fraction = fraction * (1 - inside) + inside
    near = dilate(blood, TRANSITION_HALF_WIDTH_MM, spacing_mm).astype(np.float32)
    weight = ndimage.gaussian_filter(near, (0, SOFT_EDGE_VOXELS, SOFT_EDGE_VOXELS))
    peak_hu = ndimage.maximum_filter(cta_hu, (3, 5, 5))
    dense = peak_hu > calcium_hu
    floor_hu = calcium_hu - CALCIUM_ONSET_HU
    calcium = np.clip((cta_hu - floor_hu) / np.maximum(peak_hu - floor_hu, 1.0), 0, 1)
    return PartialVolume(weight, fraction, inside, lumen_hu, outside_hu, np.where(dense, calcium, 0).astype(np.float32))
