"""One scan from disk, with the checks that need no second one. Geometry is checked before pixels are read."""

import logging
import zlib
from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np
import SimpleITK as sitk

from cohorts.ct.reading import AIR_HU
from cohorts.prepare.candidates import Scan
from cohorts.prepare.dicom_series import DicomSeries, choose_series, files_under, scan_series
from cohorts.prepare.reasons import PairRejected, Reason
from cohorts.prepare.settings import Checks

logger = logging.getLogger(__name__)

HIGHEST_HU = 4000
"""Brighter voxels are metal; the same limit as for pseudo-pairs."""

NIFTI = (".nii", ".nii.gz")

_SOFT_HU = (-200, 300)
_MIN_SOFT_SHARE = 0.02
_AIR_BELOW_HU = -500
_MAX_OBLIQUE_DEG = 15.0


@dataclass(frozen=True)
class LoadedScan:
    """A scan in memory.

    Attributes:
        image: int16 HU, -1024 to 4000, in index order LPS.
        slice_mm: distance of the slices, or their thickness where that is known and more.
        region: from DICOM tags; None for other files.
    """

    image: sitk.Image
    slice_mm: float
    region: str | None


def load_scan(scan: Scan, checks: Checks) -> LoadedScan:
    """Read a scan and check it.

    Raises:
        PairRejected: with the reason.
    """
    if scan.path.is_dir():
        series = scan.series or choose_series(scan_series(files_under(scan.path)))
        if series.fault is not None:
            raise series.fault
        _check_slices(len(series.files), series.slice_mm, checks)
        return LoadedScan(_to_hu(_read_series(series)), series.slice_mm, series.region)
    if not scan.path.is_file():
        raise PairRejected(Reason.UNREADABLE, "the file does not exist")
    slice_mm = _check_header(scan.path, checks)
    return LoadedScan(_to_hu(_read_file(scan.path)), slice_mm, None)


def source_files(scan: Scan) -> list[Path]:
    """The files that a scan is read from."""
    if scan.series is not None:
        return [Path(name) for name in scan.series.files]
    return files_under(scan.path) if scan.path.is_dir() else [scan.path]


def _check_slices(count: int, slice_mm: float, checks: Checks) -> None:
    if count > checks.max_slices:
        raise PairRejected(Reason.TOO_MANY_SLICES, f"{count}, at most {checks.max_slices}")
    if count < checks.min_slices:
        raise PairRejected(Reason.TOO_FEW_SLICES, f"{count}, at least {checks.min_slices}")
    if slice_mm > checks.max_slice_mm + 1e-3:
        raise PairRejected(Reason.THICKNESS, f"{slice_mm:.2f} mm, at most {checks.max_slice_mm:g} mm")


def _check_header(path: Path, checks: Checks) -> float:
    """Check an image file by its header; returns the distance of its slices in mm."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        # the message of SimpleITK holds the path, which may be the patient's name
        if "orthonormal" in str(error):
            raise PairRejected(Reason.ORIENTATION, "skewed axes") from error
        raise PairRejected(Reason.UNREADABLE, "the header is damaged") from error
    is_volume = reader.GetDimension() == 3 or (reader.GetDimension() == 4 and reader.GetSize()[3] == 1)
    if not is_volume or reader.GetNumberOfComponents() != 1:
        raise PairRejected(
            Reason.UNSUPPORTED, f"{reader.GetDimension()}-D, {reader.GetNumberOfComponents()} components"
        )
    codes = [reader.GetMetaData(key) for key in ("qform_code", "sform_code") if reader.HasMetaDataKey(key)]
    if codes and all(code == "0" for code in codes):
        raise PairRejected(Reason.ORIENTATION, "the header has no orientation")
    direction = _direction(reader)
    axis = int(np.argmax(np.abs(direction[2])))
    oblique_deg = float(np.degrees(np.arccos(np.clip(np.abs(direction[2, axis]), 0, 1))))
    if oblique_deg > _MAX_OBLIQUE_DEG:
        raise PairRejected(Reason.ORIENTATION, f"slices lie {oblique_deg:.0f} degrees off the axial plane")
    slice_mm = float(reader.GetSpacing()[axis])
    _check_slices(reader.GetSize()[axis], slice_mm, checks)
    return slice_mm


def _read_series(series: DicomSeries) -> sitk.Image:
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(series.files)
    reader.SetOutputPixelType(sitk.sitkFloat32)  # else a slope that varies by slice is cut to the first slice's type
    return _executed(reader)


def _read_file(path: Path) -> sitk.Image:
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    if not path.name.endswith(NIFTI):
        return _executed(reader)
    # SimpleITK reads NaN as 0 and a cut-off .nii.gz as zeros; nibabel does neither
    try:
        values = np.asarray(nibabel.load(path).dataobj, dtype=np.float32)  # (x, y, z), or (x, y, z, 1) of some writers
    except (OSError, EOFError, ValueError, zlib.error, nibabel.filebasedimages.ImageFileError) as error:
        raise PairRejected(Reason.UNREADABLE, "pixels are damaged or cut off") from error
    reader.ReadImageInformation()
    image = sitk.GetImageFromArray(np.ascontiguousarray(values.reshape(values.shape[:3]).T))
    image.SetSpacing(reader.GetSpacing()[:3])
    image.SetOrigin(reader.GetOrigin()[:3])
    image.SetDirection(_direction(reader).ravel())
    return image


def _direction(reader: sitk.ImageFileReader) -> np.ndarray:
    """(3, 3) direction cosines, also of a volume with a fourth axis of one."""
    axes = reader.GetDimension()
    return np.reshape(reader.GetDirection(), (axes, axes))[:3, :3]


def _executed(reader: sitk.ImageReaderBase) -> sitk.Image:
    try:
        return reader.Execute()
    except RuntimeError as error:
        logger.debug("A scan cannot be read", exc_info=True)
        raise PairRejected(Reason.UNREADABLE, "pixels are damaged or cut off") from error


def _to_hu(image: sitk.Image) -> sitk.Image:
    """Check the values; int16 in LPS order, padding below -1024 HU made air."""
    values = sitk.GetArrayViewFromImage(image)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise PairRejected(Reason.NOT_FINITE, f"{np.count_nonzero(~np.isfinite(values))} voxels")
    lowest, highest = float(values.min()), float(values.max())
    if lowest == highest:
        raise PairRejected(Reason.CONSTANT, f"{lowest:g} everywhere")
    soft_share = np.count_nonzero((values > _SOFT_HU[0]) & (values < _SOFT_HU[1])) / values.size
    if lowest > _AIR_BELOW_HU or soft_share < _MIN_SOFT_SHARE:
        raise PairRejected(
            Reason.NOT_HU, f"values {lowest:g} to {highest:g}, {soft_share:.0%} in the range of soft tissue"
        )
    rounded = sitk.GetImageFromArray(np.clip(np.rint(values), AIR_HU, HIGHEST_HU).astype(np.int16))
    rounded.CopyInformation(image)
    return sitk.DICOMOrient(rounded, "LPS")
