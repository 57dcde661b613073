"""Reads axial slices of NIfTI volumes, alone or with their neighbours, so that memory does not grow with the cohort."""

import os
from collections.abc import Hashable, Mapping
from functools import lru_cache

import nibabel
import numpy as np
import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform

_OPEN_VOLUMES = 256
"""Volumes whose header a process remembers. Uncompressed ones are mapped: what was read belongs to the system's page
cache, which gives it up when memory is short."""


class LoadSliced(MapTransform):
    """Read one slice of each volume as viewers show it: rows to posterior, columns to the left.

    Uncompressed NIfTI (.nii) is read by seeking to the slice; compressed files work and are slow. That the volumes are
    stored in index order LPS was checked by `scripts.data.slices`.

    Args:
        keys: keys of the volumes' paths.
        context_slices: neighbours read on each side; where the volume ends its last slice is repeated.
    """

    def __init__(
        self,
        keys: KeysCollection,
        context_slices: int = 0,
    ) -> None:
        super().__init__(keys)
        self.context_slices = context_slices

    def __call__(self, data: Mapping[Hashable, str | int]) -> dict[Hashable, torch.Tensor | str | int]:
        """Replace paths by the slices at `slice_index`.

        Returns:
            The record with float32 slices in HU, shape (2 * context_slices + 1, H, W), in place of the paths.
        """
        result = dict(data)
        for key in self.key_iterator(result):
            voxels = _open(result[key], os.stat(result[key]).st_mtime_ns)
            first = int(result["slice_index"]) - self.context_slices
            wanted = np.clip(range(first, first + 2 * self.context_slices + 1), 0, voxels.shape[2] - 1)
            slab = np.asarray(voxels[:, :, wanted[0] : wanted[-1] + 1]).T  # (x, y, z) -> (n, H, W)
            pixels = np.ascontiguousarray(slab[wanted - wanted[0]], dtype=np.float32)  # (2 n + 1, H, W)
            result[key] = torch.from_numpy(pixels)
        return result


@lru_cache(maxsize=_OPEN_VOLUMES)
def _open(path: str, changed_ns: int) -> np.ndarray | nibabel.arrayproxy.ArrayProxy:
    """Read a header once; a file that was written again (`changed_ns`) is opened again.

    Returns:
        What slices are cut from, (x, y, z): mapped, or nibabel's proxy that reads on demand.
    """
    voxels = nibabel.load(path).dataobj
    if not path.endswith(".gz") and not voxels.inter and voxels.slope == 1:
        return np.asanyarray(voxels)  # maps the file
    return voxels
