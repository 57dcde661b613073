"""CT Image Storage series of a patient, as a scanner would send it (DICOM PS3.3 A.3, C.8.2.1)."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Literal

import numpy as np
from pydicom import FileDataset
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from cohorts.phantom.patient import GENERATOR_VERSION, PhantomPatient

Phase = Literal["ncct", "cta"]

RESCALE_INTERCEPT = -1024
_DATE = "20250102"
_STUDY = {"neck": "CT Neck", "chest": "CT Chest", "abdomen": "CT Abdomen"}
_KERNEL = "B30f"


def _uid(patient: PhantomPatient, *parts: object) -> str:
    """UID (2.25 form) that follows from everything that decides the pixels."""
    identity: tuple[object, ...] = (
        GENERATOR_VERSION,
        patient.seed,
        patient.region,
        patient.label,
        patient.ncct_hu.shape,
    )
    identity += (patient.spacing_mm, patient.misalignment_mm, *parts)
    identity += tuple(trait for trait in ("operated", "bulky") if getattr(patient, trait))
    name = "|".join(["syn-cta phantom", *(str(part) for part in identity)])
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, name).int}"  # DICOM PS3.5 B.2


def _patient_and_study(patient: PhantomPatient) -> Dataset:
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.PatientName = f"Phantom^{patient.region.capitalize()}"
    ds.PatientID = patient.patient_id
    ds.PatientBirthDate = f"{2025 - patient.age_years}0101"
    ds.PatientSex = patient.sex
    ds.PatientAge = f"{patient.age_years:03d}Y"
    ds.StudyInstanceUID = _uid(patient, "study")
    ds.StudyID = "1"
    ds.StudyDate, ds.StudyTime = _DATE, "090000"
    ds.StudyDescription = f"{_STUDY[patient.region]} (phantom)"
    ds.AccessionNumber = f"PH{patient.seed % 10**12}"
    ds.ReferringPhysicianName = ""
    return ds


def _series(ds: Dataset, patient: PhantomPatient, phase: Phase) -> None:
    contrast = phase == "cta"
    ds.Modality = "CT"
    ds.SeriesInstanceUID = _uid(patient, "series", phase)
    ds.SeriesNumber = 3 if contrast else 2
    ds.SeriesDescription = (
        f"{patient.region.capitalize()} {'CTA arterial' if contrast else 'native'} {patient.spacing_mm[2]:g} {_KERNEL}"
    )
    ds.ProtocolName = f"Phantom {patient.region}"
    ds.SeriesDate, ds.SeriesTime = _DATE, "090500" if contrast else "090200"
    ds.BodyPartExamined = patient.region.upper()
    ds.PatientPosition = "HFS"
    ds.FrameOfReferenceUID = _uid(patient, "frame of reference")
    ds.PositionReferenceIndicator = ""
    ds.Manufacturer = "Syn-CTA project"
    ds.ManufacturerModelName = "Phantom cohort"
    ds.InstitutionName = "Phantom Hospital"
    ds.StationName = "PHANTOM"
    ds.DeviceSerialNumber = "1"
    ds.SoftwareVersions = str(GENERATOR_VERSION)
    if contrast:
        ds.ContrastBolusAgent = "Iodinated contrast (simulated)"
        ds.ContrastBolusRoute = "IV"
        ds.ContrastBolusVolume = "80"
        ds.ContrastFlowRate = "4"


def _acquisition(ds: Dataset, patient: PhantomPatient, phase: Phase) -> None:
    row_mm, column_mm, slice_mm = patient.spacing_mm
    rows, columns = patient.ncct_hu.shape[1:]
    field_mm = max(rows * row_mm, columns * column_mm)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.AcquisitionNumber = 2 if phase == "cta" else 1
    ds.AcquisitionDate, ds.AcquisitionTime = _DATE, ds.SeriesTime
    ds.ContentDate, ds.ContentTime = _DATE, ds.SeriesTime
    ds.KVP = "120"
    ds.XRayTubeCurrent = 220
    ds.ExposureTime = 500
    ds.Exposure = 110
    ds.CTDIvol = 7.4
    phantom_type = Dataset()
    phantom_type.CodeValue, phantom_type.CodingSchemeDesignator = "113691", "DCM"
    phantom_type.CodeMeaning = "IEC Body Dosimetry Phantom"
    ds.CTDIPhantomTypeCodeSequence = [phantom_type]
    ds.GeneratorPower = 26
    ds.FilterType = "BODY"
    ds.ConvolutionKernel = _KERNEL
    ds.RotationDirection = "CW"
    ds.GantryDetectorTilt = "0"
    ds.TableHeight = "150"
    ds.DataCollectionDiameter = "500"
    ds.ReconstructionDiameter = f"{field_mm:.6g}"
    ds.DistanceSourceToDetector = "1040"
    ds.DistanceSourceToPatient = "570"
    ds.SliceThickness = f"{slice_mm:.10g}"
    ds.SpacingBetweenSlices = f"{slice_mm:.10g}"


def _image(ds: Dataset, patient: PhantomPatient, plane_hu: np.ndarray, index: int, number: int, phase: Phase) -> None:
    """`index` counts from the feet, `number` is the instance number, which counts from the head."""
    row_mm, column_mm, slice_mm = patient.spacing_mm
    slices, (rows, columns) = patient.ncct_hu.shape[0], plane_hu.shape
    level = (index - (slices - 1) / 2) * slice_mm
    ds.SOPClassUID = CTImageStorage
    ds.SOPInstanceUID = _uid(patient, "image", phase, index)
    ds.InstanceNumber = number
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.ImagePositionPatient = [f"{v:.8g}" for v in (-(columns - 1) / 2 * column_mm, -(rows - 1) / 2 * row_mm, level)]
    ds.SliceLocation = f"{level:.8g}"
    ds.PixelSpacing = [f"{row_mm:.10g}", f"{column_mm:.10g}"]
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = rows, columns
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = str(RESCALE_INTERCEPT), "1", "HU"
    ds.WindowCenter, ds.WindowWidth = ("300", "600") if phase == "cta" else ("40", "400")
    ds.BurnedInAnnotation = "NO"
    ds.LossyImageCompression = "00"
    stored = np.clip(plane_hu.astype(np.int32) - RESCALE_INTERCEPT, 0, 4095).astype("<u2")
    ds.PixelData = stored.tobytes()
    ds["PixelData"].VR = "OW"


def write_dicom_series(patient: PhantomPatient, dir: str | Path, phase: Phase = "ncct") -> list[Path]:
    """Write one phase of a patient as a series of CT images, head first.

    Args:
        patient: from `generate_patient`.
        dir: folder of the series; made when missing.
        phase: "ncct", or "cta" as acquired (misaligned by `patient.misalignment_mm`).

    Returns:
        Paths of the files in the order of their instance numbers.

    Raises:
        ValueError: if the phase is neither of the two.
    """
    if phase not in ("ncct", "cta"):
        raise ValueError(f"unknown phase {phase!r}; choose 'ncct' or 'cta'")
    volume_hu = patient.ncct_hu if phase == "ncct" else patient.cta_hu  # (z, y, x)
    folder = Path(dir)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, index in enumerate(reversed(range(len(volume_hu))), start=1):
        ds = _patient_and_study(patient)
        _series(ds, patient, phase)
        _acquisition(ds, patient, phase)
        _image(ds, patient, volume_hu[index], index, number, phase)
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = ds.SOPClassUID
        meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        path = folder / f"{phase}-{number:04d}.dcm"
        FileDataset(str(path), ds, file_meta=meta, preamble=b"\0" * 128).save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths
