"""Imitates scans from archives of coarse voxels: resampled to 1.5 mm, for example, and back, with coarse noise."""

from collections.abc import Hashable, Mapping

import numpy as np
import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform, RandomizableTransform


class RandCoarseVoxelsd(RandomizableTransform, MapTransform):
    """Sample slices linearly on a random lattice of coarse cubic voxels and back, all keys on the same lattice.

    Public sets such as TotalSegmentator's come on such voxels. On the working grid their noise is coarse, alike in
    neighbouring slices, and as strong as a thin slice's.

    Args:
        keys: keys of the slices, each (n, H, W) with its neighbours as channels.
        spacing_mm: (slice, row, column) of the slices.
        voxel_mm: smallest and largest side of the voxels.
        noise_key: the scan whose voxels get noise of their own.
        noise_hu: largest standard deviation of that noise on the lattice; on the slices it is about half.
        prob: share of the slices that are changed.
    """

    def __init__(
        self,
        keys: KeysCollection,
        spacing_mm: tuple[float, float, float],
        voxel_mm: tuple[float, float],
        noise_key: Hashable,
        noise_hu: float,
        prob: float = 0.1,
    ) -> None:
        MapTransform.__init__(self, keys)
        RandomizableTransform.__init__(self, prob)
        self.spacing_mm = spacing_mm
        self.voxel_mm = voxel_mm
        self.noise_key = noise_key
        self.noise_hu = noise_hu

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        """Return the record with its slices resampled, or as it is."""
        result = dict(data)
        self.randomize(None)
        if not self._do_transform:
            return result
        voxel_mm = self.R.uniform(*self.voxel_mm)
        phase = self.R.uniform(size=3)
        noise_hu = self.R.uniform(0, self.noise_hu)
        for key in self.key_iterator(result):
            slices = result[key]
            ways = [
                _lattice(size, spacing_mm / voxel_mm, shift)
                for size, spacing_mm, shift in zip(slices.shape, self.spacing_mm, phase, strict=True)
            ]
            coarse = _along_axes(slices, [there for there, _ in ways])  # (n, H, W) -> (z, y, x) of the lattice
            if key == self.noise_key:
                noise = self.R.standard_normal(tuple(coarse.shape)).astype(np.float32)
                coarse = coarse + noise_hu * torch.from_numpy(noise)
            result[key] = _along_axes(coarse, [back for _, back in ways])  # (z, y, x) -> (n, H, W)
        return result


def _lattice(size: int, step: float, phase: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Matrices (nodes, size) and (size, nodes) from one axis to the lattice and back; `step` is in voxels."""
    nodes = max(1, int((size - 1) * step + phase) + 2)
    on_lattice = np.arange(size) * step + phase
    on_axis = (np.arange(nodes) - phase) / step
    return _linear_weights(on_axis, size), _linear_weights(on_lattice, nodes)


def _linear_weights(positions: np.ndarray, size: int) -> torch.Tensor:
    """Weights (positions, size) of linear interpolation; beyond the ends the last value continues."""
    positions = np.clip(positions, 0, size - 1)
    weights = np.clip(1 - np.abs(positions[:, None] - np.arange(size)), 0, None)
    return torch.from_numpy(weights.astype(np.float32))


def _along_axes(volume: torch.Tensor, weights: list[torch.Tensor]) -> torch.Tensor:
    z, y, x = weights
    return torch.einsum("az,zyx->ayx", z, y @ volume @ x.T)
