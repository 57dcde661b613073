"""Rank the CT series of a folder by their headers; `load.py` tries them in this order.

A series named by the user skips the ranking, not the conditions.
"""

import math
from dataclasses import dataclass, field

from pydicom.multival import MultiValue

from ct_headers.contrast import ContrastMention
from ct_headers.kernels import is_sharp_kernel
from operators.dicom_loader.contrast import series_mention
from operators.dicom_loader.gates import Finding, pass_gate
from operators.dicom_loader.header_findings import header_findings, header_warnings
from operators.dicom_loader.images import instance_of, position_of, without_repeats, without_scouts
from operators.dicom_loader.scan import FileKind, FolderScan, SourceSlice
from operators.dicom_loader.settings import LoaderSettings
from operators.errors import Reason, Refusal

ORDER = "fewest warnings, most slices, thinnest, soft kernel"
RULE = (
    f"CT, axial, original, no localizer, no contrast, a region that the model was trained on; then {ORDER}; if a "
    "series fails a later check, the next one is tried"
)
"""In words for result.json."""

_NIFTI_ADVICE = (
    "For NIfTI use the bundle: cd bundle && python -m monai.bundle run --config_file configs/inference.yaml "
    "--dataset_dir DIR --output_dir OUT"
)


@dataclass(frozen=True)
class Candidate:
    """A series that qualifies by its headers.

    Attributes:
        uid: its SeriesInstanceUID.
        images: its slices, scouts and repeated files taken out.
        findings: gates that it passed with a warning.
        warnings: of these gates, and other warnings from the headers.
        excluded: what was taken out, in sentences.
    """

    uid: str
    images: list[SourceSlice]
    findings: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)

    @property
    def positions(self) -> int:
        """Number of slice positions; repeated images of one position, as in bolus tracking, count once."""
        return count_positions(self.images)

    @property
    def rank(self) -> tuple[int, int, float, bool, str]:
        """Sort key, smallest first: fewest warnings, most slices, thinnest, soft kernel; the UID breaks ties."""
        header = self.images[0].header
        kernel = header.get("ConvolutionKernel")
        first_kernel = next(iter(kernel), "") if isinstance(kernel, MultiValue) else kernel or ""
        thickness_mm = float(header.get("SliceThickness") or math.inf)
        return len(self.warnings), -self.positions, thickness_mm, is_sharp_kernel(str(first_kernel)), self.uid


@dataclass(frozen=True)
class RejectedSeries:
    """A series that was not chosen.

    Attributes:
        positions: number of slice positions.
        is_whole: whether these are enough for conversion.
        denies_contrast: whether its description denies contrast.
        refusal: why.
    """

    positions: int
    is_whole: bool
    denies_contrast: bool
    refusal: Refusal

    @property
    def sort_key(self) -> tuple[bool, bool, int]:
        """Sort key, largest last: how close the series came to a convertible one."""
        return self.is_whole, self.denies_contrast, self.positions


def rejected_series(images: list[SourceSlice], refusal: Refusal, settings: LoaderSettings) -> RejectedSeries:
    """The record of a series that was not chosen."""
    positions = count_positions(images)
    mentions = {series_mention(image.header) for image in images}
    return RejectedSeries(positions, positions >= settings.min_slices, mentions == {ContrastMention.WITHOUT}, refusal)


@dataclass(frozen=True)
class Ranking:
    """The series of a folder.

    Attributes:
        candidates: those that qualify by their headers, in the order in which they are tried.
        refused: the others.
        series_count: number of CT series.
    """

    candidates: list[Candidate]
    refused: list[RejectedSeries]
    series_count: int


def rank_series(scan: FolderScan, settings: LoaderSettings, series_uid: str | None = None) -> Ranking:
    """Check the headers of every series and rank those that qualify.

    Args:
        scan: the folder.
        settings: what refuses a series.
        series_uid: SeriesInstanceUID that the user asks for, None for the fixed rule.

    Returns:
        The ranking; without candidates where no series qualifies.

    Raises:
        Refusal: when there is no CT, the series asked for is not there, or the series that qualify belong to several
            studies or patients.
    """
    if not scan.series:
        raise _no_ct(scan)
    if series_uid is not None and series_uid not in scan.series:
        raise Refusal(
            Reason.SERIES_NOT_FOUND,
            f"The requested series is not in the input folder, which holds {len(scan.series)} CT series.",
        )
    if series_uid is not None:
        asked = {series_uid: scan.series[series_uid]}
    else:  # slices without a series count against the one that is chosen, they are none themselves
        asked = {uid: slices for uid, slices in scan.series.items() if uid} or scan.series

    candidates: list[Candidate] = []
    refused: list[RejectedSeries] = []
    for uid in sorted(asked):
        try:
            candidates.append(_candidate(uid, asked[uid], settings))
        except Refusal as refusal:
            refused.append(rejected_series(asked[uid], refusal, settings))
    _check_one_study(candidates)
    return Ranking(sorted(candidates, key=lambda candidate: candidate.rank), refused, len(asked))


def count_positions(images: list[SourceSlice]) -> int:
    """Number of slice positions of images; an image without a position counts as one."""
    return len({position_of(image) or instance_of(image) for image in images})


def _candidate(uid: str, slices: list[SourceSlice], settings: LoaderSettings) -> Candidate:
    """A series that qualifies by its headers.

    Raises:
        Refusal: the first condition that it fails.
    """
    images, excluded = without_scouts(slices)
    if not images:
        raise Refusal(Reason.NO_CT_SERIES, "The input folder holds localizers only. Give the axial CT series.")
    findings: list[Finding] = []
    warnings: list[str] = []
    for finding in header_findings(images, settings):
        warnings += pass_gate(finding, settings)
        findings.append(finding)
    warnings += header_warnings(images)
    images, repeated = without_repeats(images)
    if repeated:
        excluded.append(f"{repeated} repeated file(s) skipped.")
    return Candidate(uid, images, findings, warnings, excluded)


def _no_ct(scan: FolderScan) -> Refusal:
    if damaged := scan.counts[FileKind.DAMAGED_DICOM]:
        return Refusal(Reason.CORRUPT, f"{damaged} DICOM file(s) are damaged and no CT slice can be read.")
    counted = ", ".join(f"{scan.counts[kind]} x {kind.value}" for kind in FileKind if scan.counts[kind])
    advice = ""
    if scan.counts[FileKind.ARCHIVE]:
        advice = " Unpack the archive first, or give a .zip file itself with -i."
    elif scan.counts[FileKind.NIFTI]:
        advice = f" {_NIFTI_ADVICE}."
    return Refusal(Reason.NO_CT_SERIES, f"No CT slice in the input ({counted}).{advice}")


def _check_one_study(candidates: list[Candidate]) -> None:
    headers = [candidate.images[0].header for candidate in candidates]
    for attribute, what in (("StudyInstanceUID", "studies"), ("PatientID", "patients")):
        found = len({str(header.get(attribute) or "").strip() for header in headers})
        if found > 1:
            raise Refusal(
                Reason.IDENTITY,
                f"The input folder holds non-contrast CT of {found} {what}. Give one study, give the series with "
                "--series-uid, or convert each study with --all.",
            )
