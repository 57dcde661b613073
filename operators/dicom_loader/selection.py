"""Choose the NCCT series among the CT series of a folder by a fixed rule, and say why.

Rule: CT Image Storage, axial, not a localizer, not derived, not contrast-enhanced; then most slices, thinnest, soft
kernel. A series named by the user skips the ranking, not the conditions.
"""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from operators.dicom_loader.contrast import contrast_in_attributes, contrast_in_words
from operators.dicom_loader.kernel import is_sharp_kernel
from operators.dicom_loader.scan import FileKind, FolderScan, SourceSlice
from operators.errors import Reason, Refusal

_AXIAL_MIN_COSINE = math.cos(math.radians(45))
"""Nearer to the patient's long axis than to another one; how oblique it may be is a matter of `geometry.py`."""


@dataclass(frozen=True)
class SeriesChoice:
    """The chosen series.

    Attributes:
        slices: its slices in path order, localizers and repeated files taken out.
        reason: why this series, in words for result.json.
        candidates: number of CT series looked at.
        excluded: how many series were passed over for each reason code.
        warnings: what was taken out of the series.
    """

    slices: list[SourceSlice]
    reason: str
    candidates: int
    excluded: dict[str, int]
    warnings: list[str]


def choose_series(scan: FolderScan, series_uid: str | None = None) -> SeriesChoice:
    """Choose the series to convert.

    Args:
        scan: the folder.
        series_uid: SeriesInstanceUID that the user asks for, None for the fixed rule.

    Returns:
        The choice with its reason.

    Raises:
        Refusal: when no series qualifies (the reason is the one of the largest series that failed), the series asked
            for is not there, or the series that qualify belong to several studies or patients.
    """
    if not scan.series:
        raise _no_ct(scan)
    if series_uid is not None and series_uid not in scan.series:
        raise Refusal(
            Reason.SERIES_NOT_FOUND,
            f"The series asked for is not in the input folder; {len(scan.series)} CT series are.",
        )
    asked = {series_uid: scan.series[series_uid]} if series_uid is not None else scan.series

    qualified: list[tuple[str, list[SourceSlice]]] = []
    refused: list[tuple[int, Refusal]] = []
    for uid in sorted(asked):
        images = [source for source in asked[uid] if not _is_localizer(source)]
        refusal = _why_not(images)
        if refusal is None:
            qualified.append((uid, images))
        else:
            refused.append((len(images), refusal))
    if not qualified:
        raise max(refused, key=lambda item: item[0])[1]
    _check_one_study(qualified)

    uid, images = min(qualified, key=lambda item: (*_rank(item[1]), item[0]))
    images, repeated = _without_repeats(images)
    warnings = []
    if dropped := sum(_is_localizer(source) for source in asked[uid]):
        warnings.append(f"{dropped} localizer image(s) inside the series left out.")
    if repeated:
        warnings.append(f"{repeated} repeated file(s) left out.")
    return SeriesChoice(
        slices=images,
        reason=_reason(len(qualified), asked_for=series_uid is not None),
        candidates=len(asked),
        excluded=dict(Counter(refusal.reason.code for _, refusal in refused)),
        warnings=warnings,
    )


def _no_ct(scan: FolderScan) -> Refusal:
    if multi_frame := scan.counts[FileKind.MULTI_FRAME_CT]:
        return Refusal(
            Reason.UNSUPPORTED_OBJECT,
            f"{multi_frame} multi-frame CT object(s) found; only single-frame CT Image Storage is converted.",
        )
    if damaged := scan.counts[FileKind.DAMAGED_DICOM]:
        return Refusal(Reason.CORRUPT, f"{damaged} DICOM file(s) are damaged and no CT slice can be read.")
    counted = ", ".join(f"{scan.counts[kind]} x {kind.value}" for kind in FileKind if scan.counts[kind])
    return Refusal(Reason.NO_CT_SERIES, f"No CT slice in the input folder ({counted}).")


def _why_not(images: list[SourceSlice]) -> Refusal | None:
    """The first condition that a series fails, None where it qualifies."""
    if not images:
        return Refusal(Reason.NO_CT_SERIES, "The input folder holds localizers only. Give the axial CT series.")
    for source in images:
        if str(source.header.get("SyntheticData") or "").strip().upper() == "YES":
            return Refusal(Reason.DERIVED, "The series is synthetic: Synthetic Data (0008,001C) is YES.")
        if attribute := contrast_in_attributes(source.header):
            return Refusal(
                Reason.CONTRAST, f"The series is contrast-enhanced: {attribute} is set. Give the non-contrast series."
            )
        if contrast_in_words(str(source.header.get("SeriesDescription") or "")):
            return Refusal(
                Reason.CONTRAST,
                "The series is contrast-enhanced by its Series Description (0008,103E). Give the non-contrast series.",
            )
        if "DERIVED" in _image_type(source)[:1]:
            return Refusal(
                Reason.DERIVED, "The series is derived: Image Type (0008,0008) starts with DERIVED. Give the original."
            )
        if not _is_axial(source):
            return Refusal(
                Reason.GEOMETRY, "The series is not axial (a coronal or sagittal reformat?). Give the axial series."
            )
    return None


def _image_type(source: SourceSlice) -> list[str]:
    value = source.header.get("ImageType") or []
    return [str(item).strip().upper() for item in ([value] if isinstance(value, str) else value)]


def _is_localizer(source: SourceSlice) -> bool:
    return "LOCALIZER" in _image_type(source)


def _is_axial(source: SourceSlice) -> bool:
    """Whether the slice normal lies along the patient's long axis; a missing orientation is left to the geometry."""
    orientation = source.header.get("ImageOrientationPatient")
    if orientation is None or len(orientation) != 6:
        return True
    cosines = np.array(orientation, dtype=float)
    return abs(np.cross(cosines[:3], cosines[3:])[2]) >= _AXIAL_MIN_COSINE


def _check_one_study(qualified: list[tuple[str, list[SourceSlice]]]) -> None:
    headers = [images[0].header for _, images in qualified]
    for attribute, what in (("StudyInstanceUID", "studies"), ("PatientID", "patients")):
        found = len({str(header.get(attribute) or "") for header in headers})
        if found > 1:
            raise Refusal(
                Reason.IDENTITY,
                f"The input folder holds non-contrast CT of {found} {what}. Give one study, or name the series.",
            )


def _rank(images: list[SourceSlice]) -> tuple[int, float, bool]:
    """Sort key, smallest first: most slices, thinnest, soft kernel."""
    header = images[0].header
    distinct = len({str(source.header.get("SOPInstanceUID") or source.path) for source in images})
    kernel = header.get("ConvolutionKernel") or ""
    first_kernel = kernel if isinstance(kernel, str) else next(iter(kernel), "")
    return -distinct, float(header.get("SliceThickness") or math.inf), is_sharp_kernel(str(first_kernel))


def _reason(qualified: int, *, asked_for: bool) -> str:
    if asked_for:
        return "named by the user"
    if qualified == 1:
        return "the only axial, original, non-contrast CT series"
    return f"first of {qualified} axial, original, non-contrast CT series by most slices, thinnest, soft kernel"


def _without_repeats(images: list[SourceSlice]) -> tuple[list[SourceSlice], int]:
    """Drop files that repeat an instance; the first in path order stays.

    Raises:
        Refusal: AMBIGUOUS, when one SOPInstanceUID stands at two positions.
    """
    kept: dict[str, SourceSlice] = {}
    for source in images:
        instance = str(source.header.get("SOPInstanceUID") or source.path)
        first = kept.setdefault(instance, source)
        if first.header.get("ImagePositionPatient") != source.header.get("ImagePositionPatient"):
            raise Refusal(Reason.AMBIGUOUS, "Two files carry the same SOP Instance UID at different positions.")
    return list(kept.values()), len(images) - len(kept)
