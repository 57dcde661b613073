"""A whole scan on the coarse voxels of the context network, averaged piece by piece, so that noise does not alias."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import Orientation
from torch.nn import functional

from scripts.transforms.axial_slab import resampled_slices

_WORKING_ORIENTATION = Orientation(axcodes="PLS", labels=None)


def slices_of(volume: MetaTensor) -> int:
    """Slices of a volume (1, X, Y, Z), whichever of its axes they run along."""
    return _WORKING_ORIENTATION(volume).shape[-1]


def coarse_scan(
    pieces: Iterable[MetaTensor], slices: int, spacing_mm: Sequence[float], hu_floor: float = -1024
) -> torch.Tensor:
    """Average a scan over coarse voxels, by triangular weights as wide as a coarse voxel on either side.

    The outer faces of both grids coincide, as in `scripts.transforms.ResampleToSpacing`; that one samples, and so keeps
    the noise of single voxels when the grid is coarser.

    Args:
        pieces: consecutive slices of the scan from feet to head, each (1, X, Y, Z) in HU with its affine, together all
            slices; their axes may point either way.
        slices: of the whole scan.
        spacing_mm: (row, column, slice) of the coarse voxels.
        hu_floor: air; lower values, such as padding, are raised to it.

    Returns:
        HU, float32, (Z', rows, columns): slices to the head, rows to posterior, columns to the left.

    Raises:
        ValueError: when the pieces do not have this number of slices.
    """
    coarse_hu, weights, first = None, torch.empty(0), 0
    for piece in pieces:
        turned = _WORKING_ORIENTATION(piece)  # (1, P, L, S)
        count = turned.shape[-1]
        if coarse_hu is None:
            rows, columns, levels = (
                resampled_slices(side, float(step_mm), wanted_mm)
                for side, step_mm, wanted_mm in zip(
                    (*turned.shape[1:3], slices), turned.pixdim, spacing_mm, strict=True
                )
            )
            coarse_hu = torch.zeros(levels, rows, columns)
            weights = _triangular_weights(slices, levels)
        if first + count > slices:
            raise ValueError(f"The pieces of the scan have more than {slices} slices.")
        planes = turned.as_tensor()[0].movedim(-1, 0).float()[:, None]  # (n, 1, P, L)
        planes = planes.nan_to_num(nan=hu_floor, posinf=torch.inf).clamp(min=hu_floor)  # some pad with NaN
        planes = functional.interpolate(planes, (rows, columns), mode="bilinear", antialias=True)[:, 0]
        shares = weights[:, first : first + count]
        touched = shares.any(dim=1)
        coarse_hu[touched] += torch.einsum("zn,nrc->zrc", shares[touched], planes)
        first += count
    if coarse_hu is None or first != slices:
        raise ValueError(f"The pieces of the scan have {first} slices, expected {slices}.")
    return coarse_hu


def _triangular_weights(slices: int, levels: int) -> torch.Tensor:
    """Weights (levels, slices) with which slices make the coarse levels; linear interpolation where these are finer."""
    scale = slices / levels
    centres = (np.arange(levels) + 0.5) * scale - 0.5
    distance = np.abs(np.arange(slices) - centres[:, None]) / max(scale, 1.0)
    weights = np.clip(1 - distance, 0, None)
    return torch.from_numpy((weights / weights.sum(axis=1, keepdims=True)).astype(np.float32))
