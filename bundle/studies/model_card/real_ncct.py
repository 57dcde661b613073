"""Measures what the generator does to tissue of a real NCCT that has no CTA beside it."""

from pathlib import Path

import numpy as np
import torch
import yaml
from scipy.ndimage import binary_erosion, gaussian_filter

_SMOOTHING_MM = 1.5


def tissue_masks(ncct_hu: np.ndarray, affine_ras: np.ndarray, regions: Path) -> dict[str, np.ndarray]:
    """Make the masks that a region file describes.

    Args:
        ncct_hu: volume, shape (X, Y, Z).
        affine_ras: voxel index to mm (R, A, S).
        regions: YAML file as `configs/regions_lidc_idri_0314.yaml`.

    Returns:
        Masks by name, shape (X, Y, Z).
    """
    description = yaml.safe_load(regions.read_text())
    position_mm = _positions_lps_mm(ncct_hu.shape, affine_ras)
    spacing_mm = np.linalg.norm(affine_ras[:3, :3], axis=0)
    smooth_hu = gaussian_filter(ncct_hu, _SMOOTHING_MM / spacing_mm)
    masks = {
        name: np.any([_sphere(position_mm, sphere) for sphere in spheres], axis=0)
        for name, spheres in description["spheres"].items()
    }
    for name, (low_hu, high_hu) in description["ranges_hu"].items():
        masks[name] = binary_erosion((smooth_hu > low_hu) & (smooth_hu < high_hu))
    low_hu, high_hu = description["muscle_hu"]
    inside_box = np.all(
        [
            (low < along) & (along < high)
            for along, (low, high) in zip(position_mm[:2], description["mediastinum_box_mm"], strict=True)
        ],
        axis=0,
    )
    masks["muscle"] = binary_erosion((smooth_hu > low_hu) & (smooth_hu < high_hu) & ~inside_box)
    return masks


def measure(source_hu: torch.Tensor, synthetic_hu: torch.Tensor, masks: dict[str, np.ndarray]) -> list[dict]:
    """Mean HU before and after, and the mean absolute change, in every mask; volumes of shape (1, X, Y, Z)."""
    source, synthetic = np.asarray(source_hu)[0], np.asarray(synthetic_hu)[0]
    change = synthetic - source
    return [
        {
            "tissue": name,
            "voxels": int(mask.sum()),
            "NCCT, HU": f"{source[mask].mean():.0f}",
            "Syn-CTA, HU": f"{synthetic[mask].mean():.0f}",
            "change, HU": f"{change[mask].mean():+.1f}",
            "mean absolute change, HU": f"{np.abs(change[mask]).mean():.1f}",
        }
        for name, mask in masks.items()
    ]


def _positions_lps_mm(shape: tuple[int, ...], affine_ras: np.ndarray) -> np.ndarray:
    index = np.stack(np.meshgrid(*(np.arange(side) for side in shape), indexing="ij"))  # (3, X, Y, Z)
    position_ras = np.tensordot(affine_ras[:3, :3], index, axes=1) + affine_ras[:3, 3, None, None, None]
    return position_ras * np.array([-1, -1, 1])[:, None, None, None]


def _sphere(position_mm: np.ndarray, sphere: list[float]) -> np.ndarray:
    *centre_mm, radius_mm = sphere
    return np.square(position_mm - np.array(centre_mm)[:, None, None, None]).sum(axis=0) <= radius_mm**2
