"""Choose the NCCT series among the CT series of a folder by a fixed rule, and say why.

A series named by the user skips the ranking, not the conditions.
"""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from pydicom.multival import MultiValue

from operators.dicom_loader.anatomy import regions_in_header
from operators.dicom_loader.contrast import contrast_in_attributes, contrast_in_words
from operators.dicom_loader.gates import Finding, Gate, pass_gate
from operators.dicom_loader.kernel import is_sharp_kernel
from operators.dicom_loader.scan import FileKind, FolderScan, SourceSlice
from operators.dicom_loader.settings import LoaderSettings
from operators.errors import Reason, Refusal

_ORDER = "fewest warnings, most slices, thinnest, soft kernel"
RULE = f"CT, axial, original, no localizer, no contrast, a region that the model knows; then {_ORDER}"
"""In words for result.json."""

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
        warnings: what was taken out of the series, and the gates that it passed with a warning.
    """

    slices: list[SourceSlice]
    reason: str
    candidates: int
    excluded: dict[str, int]
    warnings: list[str]


def choose_series(scan: FolderScan, settings: LoaderSettings, series_uid: str | None = None) -> SeriesChoice:
    """Choose the series to convert.

    Args:
        scan: the folder.
        settings: what refuses a series.
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
    if series_uid is not None:
        asked = {series_uid: scan.series[series_uid]}
    else:  # slices without a series count against the one that is chosen, they are none themselves
        asked = {uid: slices for uid, slices in scan.series.items() if uid} or scan.series

    qualified: list[_Candidate] = []
    refused: list[tuple[int, Refusal]] = []
    for uid in sorted(asked):
        images = [source for source in asked[uid] if not _is_localizer(source)]
        try:
            qualified.append(_Candidate(uid, images, _warnings(images, settings)))
        except Refusal as refusal:
            refused.append((len(images), refusal))
    if not qualified:
        raise max(refused, key=lambda item: item[0])[1]
    _check_one_study(qualified)

    chosen = min(qualified, key=lambda candidate: candidate.rank)
    images, repeated = _without_repeats(chosen.images)
    warnings = list(chosen.warnings)
    if dropped := sum(_is_localizer(source) for source in asked[chosen.uid]):
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


@dataclass(frozen=True)
class _Candidate:
    """A series that qualifies.

    Attributes:
        uid: its SeriesInstanceUID.
        images: its slices, localizers taken out.
        warnings: gates that it passed with a warning.
    """

    uid: str
    images: list[SourceSlice]
    warnings: list[str]

    @property
    def rank(self) -> tuple[int, int, float, bool, str]:
        """Sort key, smallest first: fewest warnings, most slices, thinnest, soft kernel; the UID breaks ties."""
        header = self.images[0].header
        distinct = len({_instance(source) for source in self.images})
        kernel = header.get("ConvolutionKernel")
        first_kernel = next(iter(kernel), "") if isinstance(kernel, MultiValue) else kernel or ""
        thickness_mm = float(header.get("SliceThickness") or math.inf)
        return len(self.warnings), -distinct, thickness_mm, is_sharp_kernel(str(first_kernel)), self.uid


def _no_ct(scan: FolderScan) -> Refusal:
    if damaged := scan.counts[FileKind.DAMAGED_DICOM]:
        return Refusal(Reason.CORRUPT, f"{damaged} DICOM file(s) are damaged and no CT slice can be read.")
    counted = ", ".join(f"{scan.counts[kind]} x {kind.value}" for kind in FileKind if scan.counts[kind])
    return Refusal(Reason.NO_CT_SERIES, f"No CT slice in the input folder ({counted}).")


def _warnings(images: list[SourceSlice], settings: LoaderSettings) -> list[str]:
    """Whether a series qualifies by its headers; the gates that it passes with a warning.

    Raises:
        Refusal: the first condition that it fails.
    """
    if not images:
        raise Refusal(Reason.NO_CT_SERIES, "The input folder holds localizers only. Give the axial CT series.")
    for source in images:
        if str(source.header.get("SyntheticData") or "").strip().upper() == "YES":
            raise Refusal(Reason.DERIVED, "The series is synthetic: Synthetic Data (0008,001C) is YES.")
    contrast = next(filter(None, (_contrast(source) for source in images)), None)
    warnings = pass_gate(contrast, settings.gates)
    for source in images:
        if "DERIVED" in _image_type(source)[:1]:
            raise Refusal(
                Reason.DERIVED, "The series is derived: Image Type (0008,0008) starts with DERIVED. Give the original."
            )
        if not _is_axial(source):
            raise Refusal(
                Reason.GEOMETRY, "The series is not axial (a coronal or sagittal reformat?). Give the axial series."
            )
    return warnings + pass_gate(_anatomy(images[0], settings), settings.gates)


def _contrast(source: SourceSlice) -> Finding | None:
    if attribute := contrast_in_attributes(source.header):
        by = f": {attribute} is set"
    elif contrast_in_words(str(source.header.get("SeriesDescription") or "")):
        by = " by its Series Description (0008,103E)"
    else:
        return None
    return Finding(
        Gate.CONTRAST_HEADER, f"The series is contrast-enhanced{by}.", "Give the non-contrast series of the study."
    )


def _anatomy(source: SourceSlice, settings: LoaderSettings) -> Finding | None:
    shown = regions_in_header(source.header)
    if not shown or shown & set(settings.regions):
        return None
    return Finding(
        Gate.ANATOMY,
        f"The header names {', '.join(sorted(shown))}; the model knows {', '.join(settings.regions)}.",
        "Give another series, or a bundle that was trained on this region, with loader.regions in app.yaml.",
    )


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


def _check_one_study(qualified: list[_Candidate]) -> None:
    headers = [candidate.images[0].header for candidate in qualified]
    for attribute, what in (("StudyInstanceUID", "studies"), ("PatientID", "patients")):
        found = len({str(header.get(attribute) or "") for header in headers})
        if found > 1:
            raise Refusal(
                Reason.IDENTITY,
                f"The input folder holds non-contrast CT of {found} {what}. "
                "Give one study, name the series, or convert each study with --all.",
            )


def _reason(qualified: int, *, asked_for: bool) -> str:
    if asked_for:
        return "named by the user"
    if qualified == 1:
        return "the only axial, original, non-contrast CT series"
    return f"first of {qualified} axial, original, non-contrast CT series by {_ORDER}"


def _without_repeats(images: list[SourceSlice]) -> tuple[list[SourceSlice], int]:
    """Drop files that repeat an instance; the first in path order stays.

    Raises:
        Refusal: AMBIGUOUS, when one SOPInstanceUID stands at two positions.
    """
    kept: dict[tuple[str, int | None], SourceSlice] = {}
    for source in images:
        first = kept.setdefault(_instance(source), source)
        if first.header.get("ImagePositionPatient") != source.header.get("ImagePositionPatient"):
            raise Refusal(Reason.AMBIGUOUS, "Two files carry the same SOP Instance UID at different positions.")
    return list(kept.values()), len(images) - len(kept)


def _instance(source: SourceSlice) -> tuple[str, int | None]:
    """What makes an image one of its own: its UID, and the frame in a multi-frame object."""
    return str(source.header.get("SOPInstanceUID") or source.path), source.frame_number
