"""DICOM CT series by their headers alone: files in order, geometry, phase, region, and what is wrong with them."""

import logging
import os
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.uid import CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage
from tqdm import tqdm

from cohorts.prepare.phases import Phase, body_region, contrast_phase
from cohorts.prepare.reasons import PairRejected, Reason
from ct_headers.dicom_file import read_header
from ct_headers.kernels import is_sharp_kernel

logger = logging.getLogger(__name__)

READER_THREADS = 8
"""Headers are small: the wait for a disk or network share dominates, not the number of cores."""

_MULTI_FRAME = (EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage)
_TAGS = [
    "SpecificCharacterSet", "SOPClassUID", "SyntheticData", "ImageType",
    "PatientID", "PatientName", "PatientSex", "PatientBirthDate",
    "StudyInstanceUID", "StudyDescription", "SeriesInstanceUID", "SeriesDescription", "ProtocolName", "ImageComments",
    "BodyPartExamined", "ContrastBolusAgent", "ContrastBolusAgentSequence", "ContrastBolusVolume",
    "ContrastBolusTotalDose", "ContrastBolusRoute", "ContrastBolusAdministrationRouteSequence",
    "ConvolutionKernel", "SliceThickness", "FrameOfReferenceUID", "ImagePositionPatient",
    "ImageOrientationPatient", "PixelSpacing", "Rows", "Columns", "RescaleSlope",
]  # fmt: skip

_MAX_OBLIQUE_DEG = 15.0
_MAX_DRIFT_MM = 0.5
"""Sideways shift along the whole stack; more is a tilted gantry."""

_DOUBLED_MM = 0.01
"""Two slices that are nearer lie at one position."""
_UNEVEN_SHARE = 0.1
_ROUNDING_MM = 0.1


@dataclass(frozen=True)
class DicomSeries:
    """One series.

    Attributes:
        files: one slice each, from the feet to the head.
        patient: PatientID, or the study's UID where that is empty.
        study, frame: UIDs of study and frame of reference.
        person: sex and birth date, to notice two persons under one id.
        phase, region: as the header states them.
        sharp: whether the kernel is one for lung or bone.
        slice_mm: distance of the slices, or their thickness where that is more.
        z_mm: lowest and highest slice position along LPS z.
        fault: why it cannot be used; None where nothing is wrong.
    """

    files: tuple[str, ...]
    patient: str
    study: str
    frame: str
    person: tuple[str, str]
    phase: Phase
    region: str | None
    sharp: bool
    slice_mm: float
    z_mm: tuple[float, float]
    fault: PairRejected | None


@dataclass(frozen=True)
class _Slice:
    path: str
    header: Dataset


def files_under(folder: Path) -> list[Path]:
    """Every file under a folder, sorted; hidden ones are left out, links to folders are not followed."""
    return sorted(
        Path(parent) / name
        for parent, _, names in os.walk(folder, followlinks=False)
        for name in names
        if not name.startswith(".")
    )


def scan_series(paths: Iterable[Path], progress: bool = False) -> list[DicomSeries]:
    """Read the headers of files and group the CT slices among them into series.

    Files that are not CT images, localizers and damaged headers are skipped. The geometry check finds the gap that a
    damaged file leaves.
    """
    paths = list(paths)
    slices: dict[str, list[_Slice]] = defaultdict(list)
    with ThreadPoolExecutor(READER_THREADS) as pool:
        read = tqdm(pool.map(_read, paths), total=len(paths), desc="DICOM headers", unit="file", disable=not progress)
        for path, header in zip(paths, read, strict=True):
            if header is not None and "LOCALIZER" not in (header.get("ImageType") or ()):
                slices[str(header.get("SeriesInstanceUID", ""))].append(_Slice(str(path), header))
    return [_series(members) for members in slices.values()]


def choose_series(found: list[DicomSeries]) -> DicomSeries:
    """The one series of a folder that stands for a phase: usable, soft kernel, most slices.

    Raises:
        PairRejected: there is none, or none that can be used.
    """
    if not found:
        raise PairRejected(Reason.UNREADABLE, "no CT image in the folder")
    best = min(found, key=lambda series: (series.fault is not None, series.sharp, -len(series.files)))
    if best.fault is not None:
        raise best.fault
    return best


def _read(path: Path) -> Dataset | None:
    try:
        header = read_header(path, specific_tags=_TAGS)
        if header is None:
            return None
        list(header)  # pydicom decodes an element on first access: read it here, so that damage is found here
        return header if header.get("SOPClassUID") in (CTImageStorage, *_MULTI_FRAME) else None
    except Exception as error:  # pydicom raises any kind of error on files that are damaged or no DICOM
        logger.debug("A file was skipped: %s", type(error).__name__)
        return None


def _series(slices: list[_Slice]) -> DicomSeries:
    first = slices[0].header
    common: dict[str, Any] = {
        "patient": str(first.get("PatientID") or first.get("StudyInstanceUID") or "").strip(),
        "study": str(first.get("StudyInstanceUID", "")),
        "frame": str(first.get("FrameOfReferenceUID", "")),
        "person": (str(first.get("PatientSex") or ""), str(first.get("PatientBirthDate") or "")),
        "phase": contrast_phase(first),
        "region": body_region(first),
        "sharp": is_sharp(first),
    }
    files = tuple(item.path for item in slices)
    try:
        order, slice_mm, z_mm = _geometry([item.header for item in slices])
    except PairRejected as fault:
        return DicomSeries(files, **common, slice_mm=0.0, z_mm=(0.0, 0.0), fault=fault)
    return DicomSeries(tuple(files[i] for i in order), **common, slice_mm=slice_mm, z_mm=z_mm, fault=None)


def is_sharp(header: Dataset) -> bool:
    """Whether Convolution Kernel (0018,1210), its first value, is known as one for lung or bone."""
    kernel = header.get("ConvolutionKernel") or ""
    return is_sharp_kernel(str(kernel[0] if isinstance(kernel, MultiValue) else kernel))


def _geometry(headers: list[Dataset]) -> tuple[np.ndarray, float, tuple[float, float]]:
    """Order of the slices from the feet, distance (or thickness, if more) in mm, range along z in mm.

    Raises:
        PairRejected: the slices are not an even axial stack of HU.
    """
    first = headers[0]
    if first.get("SOPClassUID") in _MULTI_FRAME:
        raise PairRejected(Reason.UNSUPPORTED, "multi-frame CT")
    if str(first.get("SyntheticData") or "").upper() == "YES":
        raise PairRejected(Reason.SYNTHETIC)
    if any(header.get("RescaleSlope") in (None, 0) for header in headers):
        raise PairRejected(Reason.NOT_HU, "no Rescale Slope")
    for keyword in ("Rows", "Columns", "FrameOfReferenceUID", "PatientID"):
        if len({str(header.get(keyword, "")) for header in headers}) > 1:
            raise PairRejected(Reason.GEOMETRY, f"{keyword} differs within the series")
    try:
        positions = np.array([header.ImagePositionPatient for header in headers], dtype=float)  # (n, 3)
        orientations = np.array([header.ImageOrientationPatient for header in headers], dtype=float)  # (n, 6)
        thickness_mm = float(first.get("SliceThickness") or 0)
    except (AttributeError, TypeError, ValueError) as error:
        raise PairRejected(Reason.GEOMETRY, "no Image Position or Image Orientation") from error
    normal = np.cross(orientations[0, :3], orientations[0, 3:])
    oblique_deg = float(np.degrees(np.arccos(np.clip(abs(normal[2]), 0, 1))))
    if oblique_deg > _MAX_OBLIQUE_DEG:
        raise PairRejected(Reason.ORIENTATION, f"slices lie {oblique_deg:.0f} degrees off the axial plane")
    if np.abs(orientations - orientations[0]).max() > 1e-3:
        raise PairRejected(Reason.GEOMETRY, "orientation differs within the series")
    if len(headers) < 2:
        raise PairRejected(Reason.TOO_FEW_SLICES, "1 slice")
    along = positions @ (normal * np.sign(normal[2]))
    order = np.argsort(along)
    steps = np.diff(along[order])
    step_mm = float(np.median(steps))
    if steps.min() < _DOUBLED_MM:
        raise PairRejected(
            Reason.GEOMETRY, f"{int((steps < _DOUBLED_MM).sum())} slices at the position of another slice"
        )
    uneven = np.abs(steps - step_mm) > _UNEVEN_SHARE * step_mm + _ROUNDING_MM
    if uneven.any():
        raise PairRejected(
            Reason.GEOMETRY, f"{int(uneven.sum())} gaps differ from {step_mm:.2f} mm, up to {steps.max():.2f} mm"
        )
    walk = positions[order[-1]] - positions[order[0]]
    drift_mm = float(np.linalg.norm(walk - normal * (walk @ normal)))
    if drift_mm > _MAX_DRIFT_MM:
        raise PairRejected(Reason.ORIENTATION, f"slices drift sideways by {drift_mm:.1f} mm: gantry tilt")
    z_mm = positions[order][[0, -1], 2]
    return order, max(step_mm, thickness_mm), (float(z_mm[0]), float(z_mm[1]))
