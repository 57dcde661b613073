"""Reads axial slices of NIfTI volumes, alone or with their neighbours, so that memory does not grow with the cohort."""

from collections.abc import Hashable, Mapping

import nibabel
import numpy as np
import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform

_INDEX_ORDER = ("L", "P", "S")
_SPACING_TOLERANCE = 0.02


class LoadSliced(MapTransform):
    """Read one slice of each volume as it is looked at: rows to posterior, columns to the left.

    Uncompressed NIfTI (.nii) is read by seeking to the slice; compressed files work and are slow.

    Args:
        keys: keys of the volumes' paths.
        pixel_mm: spacing that rows and columns must have; None for any.
        context_slices: neighbours read on each side; where the volume ends its last slice is repeated.
        index_key: key of the slice's index.
    """

    def __init__(
        self,
        keys: KeysCollection,
        pixel_mm: float | None = None,
        context_slices: int = 0,
        index_key: str = "slice_index",
    ) -> None:
        super().__init__(keys)
        self.context_slices = context_slices
        self.pixel_mm = pixel_mm
        self.index_key = index_key

    def __call__(self, data: Mapping[Hashable, str | int]) -> dict[Hashable, torch.Tensor | str | int]:
        """Replace paths by slices.

        Returns:
            The record with float32 slices in HU, shape (2 * context_slices + 1, H, W), in place of the paths.

        Raises:
            ValueError: when a volume's index order is not LPS, or its pixels have another spacing.
        """
        result = dict(data)
        for key in self.key_iterator(result):
            volume = nibabel.load(result[key])
            order = nibabel.aff2axcodes(volume.affine)
            if order != _INDEX_ORDER:
                raise ValueError(
                    f"Training volumes are stored in index order {''.join(_INDEX_ORDER)}, found {''.join(order)} "
                    f"for {key!r}: reorient the volume first."
                )
            self._check_spacing(key, volume.header.get_zooms()[:2])
            first = result[self.index_key] - self.context_slices
            wanted = np.clip(range(first, first + 2 * self.context_slices + 1), 0, volume.shape[2] - 1)
            slab = np.asarray(volume.dataobj[:, :, wanted[0] : wanted[-1] + 1], dtype=np.float32)
            pixels = slab.T[wanted - wanted[0]]  # (x, y, z) -> (2 n + 1, H, W)
            result[key] = torch.from_numpy(np.ascontiguousarray(pixels))
        return result

    def _check_spacing(self, key: Hashable, spacing_mm: tuple[float, float]) -> None:
        if self.pixel_mm is not None and not np.allclose(spacing_mm, self.pixel_mm, rtol=_SPACING_TOLERANCE):
            found = " x ".join(f"{spacing:.3g}" for spacing in spacing_mm)
            raise ValueError(
                f"{key!r} has pixels of {found} mm, expected {self.pixel_mm} mm: resample the volume first."
            )
