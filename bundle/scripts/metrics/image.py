"""Image metrics inside the body, data range 4095 HU (the paper's scale) unless another convention is given."""

import numpy as np
import torch
from monai.metrics.regression import KernelType, compute_ms_ssim
from skimage.metrics import structural_similarity

from scripts.metrics.convention import PAPER, Convention
from scripts.structures import Structure

SSIM_WINDOW = 7
_MS_SSIM_SIDE = SSIM_WINDOW * 16  # the least that MONAI takes for five scales
_SLICES_AT_ONCE = 16


def mae_hu(
    synthetic_hu: np.ndarray, cta_hu: np.ndarray, structures: np.ndarray, convention: Convention = PAPER
) -> float:
    """Mean absolute error inside the body in HU.

    Args:
        synthetic_hu: synthetic volume in HU, any shape.
        cta_hu: true volume in HU, the same shape.
        structures: labels of `Structure`, the same shape.
        convention: clipping of both volumes.
    """
    body = structures > Structure.OUTSIDE
    error_hu = convention.prepare(synthetic_hu[body]) - convention.prepare(cta_hu[body])
    return float(np.abs(error_hu).mean(dtype=np.float64))


def nmae(synthetic_hu: np.ndarray, cta_hu: np.ndarray, structures: np.ndarray, convention: Convention = PAPER) -> float:
    """Mean absolute error inside the body over the convention's data range; arguments as for `mae_hu`."""
    return mae_hu(synthetic_hu, cta_hu, structures, convention) / convention.range_hu


def psnr_db(
    synthetic_hu: np.ndarray, cta_hu: np.ndarray, structures: np.ndarray, convention: Convention = PAPER
) -> float:
    """Peak signal-to-noise ratio inside the body in dB; arguments as for `mae_hu`."""
    body = structures > Structure.OUTSIDE
    error_hu = convention.prepare(synthetic_hu[body]) - convention.prepare(cta_hu[body])
    mean_square = float(np.square(error_hu).mean(dtype=np.float64))
    return float(10 * np.log10(convention.range_hu**2 / mean_square)) if mean_square else float("inf")


def ssim(synthetic_hu: np.ndarray, cta_hu: np.ndarray, structures: np.ndarray, convention: Convention = PAPER) -> float:
    """Structural similarity, 3-D window of 7 voxels, its map averaged inside the body; arguments as for `mae_hu`.

    Raises:
        ValueError: by scikit-image, when a side is below 7 voxels.
    """
    if convention.masked_ssim:
        synthetic_hu, cta_hu = (convention.mask(volume, structures) for volume in (synthetic_hu, cta_hu))
    _, similarity = structural_similarity(
        synthetic_hu, cta_hu, win_size=SSIM_WINDOW, data_range=convention.range_hu, full=True
    )
    return float(similarity[structures > Structure.OUTSIDE].mean(dtype=np.float64))


def ms_ssim(
    synthetic_hu: np.ndarray, cta_hu: np.ndarray, structures: np.ndarray, convention: Convention = PAPER
) -> float:
    """Multi-scale structural similarity (Wang et al. 2003) of axial slices, averaged over those that show the body.

    Five scales do not fit the few slices of a slab, so that it is taken slice by slice: five scales, uniform window of
    7 pixels, on the body's rectangle, both volumes set to -1024 HU outside the body, which is padded to 112 pixels.

    Args:
        synthetic_hu: synthetic volume in HU, shape (X, Y, Z), slices last.
        cta_hu: true volume in HU, the same shape.
        structures: labels of `Structure`, the same shape.
        convention: data range and clipping.
    """
    shown = np.flatnonzero((structures > Structure.OUTSIDE).any(axis=(0, 1)))
    rectangle = _rectangle(np.any(structures > Structure.OUTSIDE, axis=2))
    air = convention.outside_hu - (convention.clip_hu[0] if convention.clip_hu else 0)
    total = 0.0
    for first in range(0, len(shown), _SLICES_AT_ONCE):
        chosen = (*rectangle, shown[first : first + _SLICES_AT_ONCE])
        pair = [_stack(convention.mask(volume[chosen], structures[chosen]), air) for volume in (synthetic_hu, cta_hu)]
        values = compute_ms_ssim(
            *pair, spatial_dims=2, data_range=convention.range_hu, kernel_type=KernelType.UNIFORM,
            kernel_size=SSIM_WINDOW,
        )  # fmt: skip
        total += float(values.sum())
    return total / len(shown) if len(shown) else float("nan")


def _rectangle(plane: np.ndarray) -> tuple[slice, slice]:
    rows, columns = (np.flatnonzero(plane.any(axis=axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _stack(slab: np.ndarray, air: float) -> torch.Tensor:
    missing = [max(0, _MS_SSIM_SIDE - side) for side in slab.shape[:2]]
    padded = np.pad(slab, [(0, missing[0]), (0, missing[1]), (0, 0)], constant_values=air)
    return torch.from_numpy(np.ascontiguousarray(padded.transpose(2, 0, 1)))[:, None]  # (x, y, z) -> (z, 1, x, y)
