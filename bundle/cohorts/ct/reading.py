"""Reading of a CT series (DICOM folder or image file) in HU, on the working grid in LPS order; only reads."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

WORKING_SPACING_MM = (1.25, 0.67, 0.67)
"""Spacing of the written volumes: (slice, row, column) in mm."""

AIR_HU = -1024


@dataclass(frozen=True)
class Volume:
    """A CT volume on a grid that is aligned with the patient's axes.

    Attributes:
        hu: (slices, rows, columns) float32; slices ascend to the head, rows go to posterior, columns to the left.
        spacing_mm: distance of (slices, rows, columns).
        origin_mm: LPS position (x, y, z) of the first voxel's centre.
    """

    hu: np.ndarray
    spacing_mm: tuple[float, float, float]
    origin_mm: tuple[float, float, float]


def read_image(path: Path) -> sitk.Image:
    """Read a DICOM folder that holds one series, or an image file, oriented to LPS by its direction cosines.

    Raises:
        FileNotFoundError: there is no such folder or file.
        ValueError: the folder holds no DICOM series or more than one.
    """
    if not path.exists():
        raise FileNotFoundError(f"No series at {path}: check --source, and `series` in the recipe.")
    if path.is_dir():
        series_uids = sitk.ImageSeriesReader.GetGDCMSeriesIDs(str(path))
        if len(series_uids) != 1:
            raise ValueError(
                f"Found {len(series_uids)} DICOM series in {path}, expected one: put each series into its own folder."
            )
        image = sitk.ReadImage(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(path), series_uids[0]))
    else:
        image = sitk.ReadImage(str(path))
        if image.GetDimension() == 4 and image.GetSize()[3] == 1:  # (x, y, z, 1) of some writers
            image = image[:, :, :, 0]
    return sitk.DICOMOrient(image, "LPS")


def working_grid(image: sitk.Image) -> sitk.Image:
    """Empty image over the same physical extent as `image`, axes along LPS, at the working spacing."""
    spacing_xyz = WORKING_SPACING_MM[::-1]
    last = np.asarray(image.GetSize()) - 1
    corners = [image.TransformIndexToPhysicalPoint([int(c) for c in last * pick]) for pick in np.ndindex(2, 2, 2)]
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    # 1e-3: rounding of the extent must not drop a last voxel that lies on the end of the source grid
    size = [int((extent / step) + 1e-3) + 1 for extent, step in zip(high - low, spacing_xyz, strict=True)]
    grid = sitk.Image(size, sitk.sitkUInt8)
    grid.SetSpacing(spacing_xyz)
    grid.SetOrigin([float(c) for c in low])
    return grid


def read_volume(path: Path) -> Volume:
    """Read a series and resample it linearly to the working spacing; padding (below -1024 HU) becomes air."""
    image = sitk.Clamp(read_image(path), sitk.sitkFloat32, AIR_HU, 4000)
    grid = working_grid(image)
    resampled = sitk.Resample(image, grid, sitk.Transform(), sitk.sitkLinear, AIR_HU)
    return Volume(sitk.GetArrayFromImage(resampled), WORKING_SPACING_MM, tuple(grid.GetOrigin()))


def read_mask(path: Path, volume: Volume) -> np.ndarray:
    """Read a mask file and resample it onto `volume`'s grid by physical position.

    Returns:
        (slices, rows, columns) bool; False where the mask's own grid does not reach.
    """
    image = sitk.Cast(read_image(path) > 0, sitk.sitkFloat32)
    slices, rows, columns = volume.hu.shape
    grid = sitk.Image([columns, rows, slices], sitk.sitkUInt8)
    grid.SetSpacing(volume.spacing_mm[::-1])
    grid.SetOrigin(volume.origin_mm)
    # linear on the 0/1 image and cut at one half: smoother than nearest neighbour where the mask's grid is coarser
    return sitk.GetArrayFromImage(sitk.Resample(image, grid, sitk.Transform(), sitk.sitkLinear, 0.0)) > 0.5


def crop(volume: Volume, box: tuple[slice, ...]) -> Volume:
    """The part of a volume inside a box of (slices, rows, columns)."""
    origin = [o + s.start * d for o, s, d in zip(volume.origin_mm, box[::-1], volume.spacing_mm[::-1], strict=True)]
    return Volume(np.ascontiguousarray(volume.hu[box]), volume.spacing_mm, tuple(origin))
