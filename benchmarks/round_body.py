"""A synthetic DICOM series of any size for benchmarks: a round body with noise, stored as a scanner stores it."""

from pathlib import Path

import numpy as np

from tests.dicom_series import ct_slice

_DIFFERENT_SLICES = 32


def write_round_body(
    folder: Path, slices: int, side_px: int, *, pixel_mm: float = 0.78, slice_mm: float = 1.0, slope: float = 1.0
) -> None:
    """Write the series.

    Args:
        folder: created; must not exist.
        slices: how many.
        side_px: rows and columns of each.
        pixel_mm: pixel spacing.
        slice_mm: slice spacing.
        slope: rescale slope; a broken one needs float32 in memory.
    """
    folder.mkdir(parents=True)
    y, x = np.mgrid[:side_px, :side_px]
    rng = np.random.default_rng(0)
    body = np.where(np.hypot((y - side_px / 2) / 0.3, (x - side_px / 2) / 0.42) < side_px, 40, -1000)
    noise = rng.integers(-20, 21, (_DIFFERENT_SLICES, side_px, side_px), dtype=np.int16)
    for i in range(slices):
        ds = ct_slice((body + noise[i % _DIFFERENT_SLICES]).astype(np.int16), i)
        ds.PixelSpacing = [pixel_mm, pixel_mm]
        ds.SliceThickness = str(slice_mm)
        ds.ImagePositionPatient = [0, 0, i * slice_mm]
        ds.RescaleSlope = f"{slope:g}"
        ds.PixelData = np.rint(np.frombuffer(ds.PixelData, "<u2") / slope).astype("<u2").tobytes()
        ds.save_as(folder / f"{i:05d}.dcm", enforce_file_format=True)
