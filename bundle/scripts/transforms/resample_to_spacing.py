"""Resampling to a voxel spacing in mm without a sampling grid in memory, of a volume or of a slab of it."""

import math
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import InvertibleTransform, MapTransform
from monai.utils import TraceKeys
from torch.nn import functional

from scripts.transforms.axial_slab import AxialSlab, position, resampled_slices, whole

SLAB_KEY = "slab"
"""Where the dictionary transforms look for the `AxialSlab` of the volumes; without it these are whole."""


class ResampleToSpacing(InvertibleTransform):
    """Resize a volume so that its voxels have (nearly) the wanted spacing; the field of view stays exactly.

    MONAI's `Spacing` keeps the spacing and lets the far border move; it also builds a grid of three float64 numbers a
    voxel. Here the number of voxels is rounded and the outer faces of the volume coincide, so that the inverse is
    exact in position and trilinear interpolation needs no grid. The spacing is off by less than half a voxel over the
    whole side (0.1 % for 512 pixels). Interpolation runs along the slices and in the plane one after the other, so
    that a slab gets the values that the whole volume would give it.

    Args:
        spacing_mm: wanted spacing along each spatial axis of the array, the slice axis last.
    """

    def __init__(self, spacing_mm: Sequence[float]) -> None:
        self.spacing_mm = tuple(spacing_mm)

    def __call__(self, volume: MetaTensor, slab: AxialSlab | None = None) -> torch.Tensor:
        """Resample a volume.

        Args:
            volume: shape (C, X, Y, Z) with its affine; of a slab only the slices `slab.source`.
            slab: which part of a volume this is, None for the whole.

        Returns:
            The volume on the new grid, float32, shape (C, X', Y', Z'); of a slab only the slices `slab.working`.
        """
        source_size = tuple(volume.shape[1:])
        spacing_mm = [float(step_mm) for step_mm in volume.pixdim]
        rows, columns, slices = (
            resampled_slices(side, step_mm, wanted_mm)
            for side, step_mm, wanted_mm in zip(source_size, spacing_mm, self.spacing_mm, strict=True)
        )
        piece = slab or whole(source_size[2], slices)
        resampled = _resampled(
            volume.as_tensor(),
            (rows, columns),
            z_from=(piece.source.start, piece.source_slices),
            z_to=(piece.working, piece.working_slices),
        )
        meta = self.track_transform_meta(
            volume,
            sp_size=resampled.shape[1:],
            affine=_voxel_map(source_size, (rows, columns), piece),
            extra_info={SLAB_KEY: piece},
            orig_size=source_size,
            transform_info=self.get_transform_info(),
        )
        return MetaTensor(resampled).copy_meta_from(meta)

    def inverse(self, volume: MetaTensor) -> torch.Tensor:
        """Resample back.

        Args:
            volume: what the transform returned, possibly with other values.

        Returns:
            The volume on the source grid, float32, shape (C, X, Y, Z); of a slab only the slices `slab.wanted`.
        """
        record = self.pop_transform(volume)
        piece: AxialSlab = record[TraceKeys.EXTRA_INFO][SLAB_KEY]
        source_size = record[TraceKeys.ORIG_SIZE]
        to_source = np.linalg.inv(_voxel_map(source_size, tuple(volume.shape[1:3]), piece))
        to_source[2, 3] += (piece.wanted.start - piece.source.start) * to_source[2, 2]
        resampled = _resampled(
            volume.as_tensor(),
            source_size[:2],
            z_from=(piece.working.start, piece.working_slices),
            z_to=(piece.wanted, piece.source_slices),
        )
        result = MetaTensor(resampled).copy_meta_from(volume)
        result.affine = volume.affine @ torch.from_numpy(to_source).to(volume.affine)
        return result


def _resampled(
    volume: torch.Tensor, in_plane: Sequence[int], *, z_from: tuple[int, int], z_to: tuple[range, int]
) -> torch.Tensor:
    """Trilinear interpolation between grids whose outer faces coincide.

    Args:
        volume: (C, X, Y, Z), any dtype.
        in_plane: X and Y of the result.
        z_from: index of the volume's first slice in the whole volume, slices of the whole volume.
        z_to: slices of the result, slices of the whole result.

    Returns:
        (C, X', Y', Z') float32.
    """
    slices = volume.movedim(-1, 0)  # (Z, C, X, Y)
    if z_to[1] < z_from[1]:  # the fewer slices, the less work in the plane
        slices = _in_plane(along_z(slices, z_from, z_to), in_plane)
    else:
        slices = along_z(_in_plane(slices, in_plane), z_from, z_to)
    return slices.movedim(0, -1)  # (C, X', Y', Z')


def along_z(slices: torch.Tensor, z_from: tuple[int, int], z_to: tuple[range, int]) -> torch.Tensor:
    """Linear interpolation along the slices between grids whose outer faces coincide.

    Args:
        slices: (Z, C, X, Y), any dtype.
        z_from: index of the first slice in the whole volume, slices of the whole volume.
        z_to: slices of the result, slices of the whole result.

    Returns:
        (Z', C, X, Y) float32.
    """
    (first, from_slices), (targets, to_slices) = z_from, z_to
    result = slices.new_empty(len(targets), *slices.shape[1:], dtype=torch.float32)
    for resampled, target in zip(result, targets, strict=True):  # one by one: gathered, they would be copied twice
        place = position(target, from_slices, to_slices)
        below = math.floor(place)
        above = min(below + 1, from_slices - 1)
        torch.lerp(slices[below - first].float(), slices[above - first].float(), place - below, out=resampled)
    return result


def _in_plane(slices: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    return functional.interpolate(slices.float(), size=tuple(size), mode="bilinear", align_corners=False)


def _voxel_map(source_size: Sequence[int], in_plane: Sequence[int], piece: AxialSlab) -> np.ndarray:
    """(4, 4) matrix from voxels of the resampled piece to voxels of the piece of the source."""
    scale = np.array([source_size[0] / in_plane[0], source_size[1] / in_plane[1], 1.0])
    scale[2] = piece.source_slices / piece.working_slices
    matrix = np.diag([*scale, 1.0])
    matrix[:3, 3] = scale / 2 - 0.5
    matrix[2, 3] += piece.working.start * scale[2] - piece.source.start
    return matrix


class ResampleToSpacingd(MapTransform, InvertibleTransform):
    """Dictionary version of `ResampleToSpacing`; an `AxialSlab` under `SLAB_KEY` says which part the volumes are."""

    def __init__(self, keys: KeysCollection, spacing_mm: Sequence[float], allow_missing_keys: bool = False) -> None:
        super().__init__(keys, allow_missing_keys)
        self.resample = ResampleToSpacing(spacing_mm)

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        result = dict(data)
        for key in self.key_iterator(result):
            result[key] = self.resample(result[key], result.get(SLAB_KEY))
        return result

    def inverse(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        result = dict(data)
        for key in self.key_iterator(result):
            result[key] = self.resample.inverse(result[key])
        return result
