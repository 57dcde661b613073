"""Writing of training volumes: uncompressed NIfTI in LPS index order."""

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from cohorts.ct.reading import Volume

HU_LIMITS = (-2048, 4095)


def write_volume(path: Path, values: np.ndarray, volume: Volume) -> None:
    """Write an array on `volume`'s grid, stored (x, y, z) in LPS order.

    Uncompressed, since training seeks to single slices: 3 slices of 596 x 596 are read in 1.1 ms from .nii and in
    435 ms from .nii.gz, which must be unpacked from its start. Chunks packed slice by slice (blosc, zstd) take 3.2 ms
    and 2.3 times less disk, but no other tool opens them.

    Args:
        path: file that ends in .nii.
        values: (slices, rows, columns); uint8 stays, everything else is rounded to int16 HU.
        volume: gives spacing and origin.
    """
    if values.dtype != np.uint8:
        values = np.clip(np.rint(values), *HU_LIMITS).astype(np.int16)
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(volume.spacing_mm[::-1])
    image.SetOrigin(volume.origin_mm)
    sitk.WriteImage(image, str(path), useCompression=False)
