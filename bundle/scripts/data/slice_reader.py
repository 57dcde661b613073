"""Reads axial slices of NIfTI volumes, alone or with their neighbours, so that memory does not grow with the cohort."""

import os
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import nibabel
import numpy as np
import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform

_INDEX_ORDER = ("L", "P", "S")
_SPACING_TOLERANCE = 0.02
_OPEN_VOLUMES = 256
"""Volumes whose header a process remembers. Uncompressed ones are mapped: what was read belongs to the system's page
cache, which gives it up when memory is short."""


@dataclass(frozen=True)
class _OpenVolume:
    """A volume whose header has been read.

    Attributes:
        voxels: what slices are cut from, (x, y, z): mapped, or nibabel's proxy that reads on demand.
        index_order: axis codes.
        pixel_mm: spacing along x and y.
    """

    voxels: np.ndarray | nibabel.arrayproxy.ArrayProxy
    index_order: tuple[str, ...]
    pixel_mm: tuple[float, float]


class LoadSliced(MapTransform):
    """Read one slice of each volume as it is looked at: rows to posterior, columns to the left.

    Uncompressed NIfTI (.nii) is read by seeking to the slice; compressed files work and are slow.

    Args:
        keys: keys of the volumes' paths.
        pixel_mm: spacing that rows and columns must have; None for any.
        context_slices: neighbours read on each side; where the volume ends its last slice is repeated.
    """

    def __init__(
        self,
        keys: KeysCollection,
        pixel_mm: float | None = None,
        context_slices: int = 0,
    ) -> None:
        super().__init__(keys)
        self.context_slices = context_slices
        self.pixel_mm = pixel_mm

    def __call__(self, data: Mapping[Hashable, str | int]) -> dict[Hashable, torch.Tensor | str | int]:
        """Replace paths by the slices at `slice_index`.

        Returns:
            The record with float32 slices in HU, shape (2 * context_slices + 1, H, W), in place of the paths.

        Raises:
            ValueError: when a volume's index order is not LPS, or its pixels have another spacing.
        """
        result = dict(data)
        for key in self.key_iterator(result):
            volume = _open(result[key], os.stat(result[key]).st_mtime_ns)
            if volume.index_order != _INDEX_ORDER:
                raise ValueError(
                    f"Training volumes are stored in index order {''.join(_INDEX_ORDER)}, found "
                    f"{''.join(volume.index_order)} for {key!r}: reorient the volume first."
                )
            self._check_spacing(key, volume.pixel_mm)
            first = result["slice_index"] - self.context_slices
            wanted = np.clip(range(first, first + 2 * self.context_slices + 1), 0, volume.voxels.shape[2] - 1)
            slab = np.asarray(volume.voxels[:, :, wanted[0] : wanted[-1] + 1]).T  # (x, y, z) -> (n, H, W)
            pixels = np.ascontiguousarray(slab[wanted - wanted[0]], dtype=np.float32)  # (2 n + 1, H, W)
            result[key] = torch.from_numpy(pixels)
        return result

    def _check_spacing(self, key: Hashable, spacing_mm: tuple[float, float]) -> None:
        if self.pixel_mm is not None and not np.allclose(spacing_mm, self.pixel_mm, rtol=_SPACING_TOLERANCE):
            found = " x ".join(f"{spacing:.3g}" for spacing in spacing_mm)
            raise ValueError(
                f"{key!r} has pixels of {found} mm, expected {self.pixel_mm} mm (pixel_mm): resample the volume first, "
                "or set pixel_mm to what all volumes have."
            )


@lru_cache(maxsize=_OPEN_VOLUMES)
def _open(path: str, changed_ns: int) -> _OpenVolume:
    """Read a header once; a file that was written again (`changed_ns`) is opened again."""
    volume = nibabel.load(path)
    voxels = volume.dataobj
    if not path.endswith(".gz") and not voxels.inter and voxels.slope == 1:
        voxels = np.asanyarray(voxels)  # maps the file
    return _OpenVolume(voxels, nibabel.aff2axcodes(volume.affine), tuple(map(float, volume.header.get_zooms()[:2])))
