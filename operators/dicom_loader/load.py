"""From a folder to an NCCT series: scan, rank, and try one after the other: check, order, decode. Without Holoscan."""

import logging
from collections import Counter
from dataclasses import replace
from pathlib import Path

from operators.dicom_loader.checks import check_hu, check_identity, check_whole
from operators.dicom_loader.files import files_under
from operators.dicom_loader.gates import pass_gate
from operators.dicom_loader.geometry import stack_slices
from operators.dicom_loader.image_findings import in_image, in_stack
from operators.dicom_loader.pixels import check_codecs, load_hu
from operators.dicom_loader.scan import FolderScan, scan_files
from operators.dicom_loader.selection import ORDER, Candidate, Ranking, RejectedSeries, rank_series, rejected_series
from operators.dicom_loader.series import NCCTSeries, OtherSeries
from operators.dicom_loader.settings import LoaderSettings
from operators.errors import ExitCode, Refusal

logger = logging.getLogger(__name__)


def load_ncct_series(
    source: Path | list[Path], settings: LoaderSettings | None = None, *, series_uid: str | None = None
) -> NCCTSeries:
    """Load the NCCT series of a DICOM folder, or refuse it.

    Headers are read and checked first; pixels are decoded only for a series that passed. A series that
    fails is skipped for the next of the ranking; if all fail, the reason of the closest one is reported.

    Args:
        source: folder, searched with its sub-folders; or the files themselves, sorted.
        settings: limits; None for the defaults.
        series_uid: SeriesInstanceUID to take instead of the fixed rule.

    Returns:
        The series in HU with its geometry.

    Raises:
        Refusal: with the reason why nothing in the folder can be converted.
    """
    settings = settings or LoaderSettings()
    scan = scan_files(files_under(source) if isinstance(source, Path) else source)
    ranking = rank_series(scan, settings, series_uid)
    rejected = list(ranking.refused)
    for candidate in ranking.candidates:
        try:
            loaded = _loaded(candidate, scan, settings)
        except Refusal as refusal:
            if refusal.exit_code is not ExitCode.DATA:  # a fault of the machine: another series would fail too
                raise
            rejected.append(rejected_series(candidate.images, refusal, settings))
            continue
        return _with_warnings(loaded, ranking, rejected, named_by_user=series_uid is not None)
    raise max(rejected, key=lambda series: series.sort_key).refusal


def _loaded(candidate: Candidate, scan: FolderScan, settings: LoaderSettings) -> NCCTSeries:
    """Check and read one series.

    Raises:
        Refusal: the first check that it fails.
    """
    check_whole(candidate.images, scan)
    check_identity(candidate.images)
    check_hu(candidate.images)
    stack = stack_slices(candidate.images, settings)
    findings = list(candidate.findings)
    warnings = [*scan.warnings, *candidate.warnings]
    for finding in in_stack(candidate.images, stack, settings):
        warnings += pass_gate(finding, settings)
        findings.append(finding)
    check_codecs(candidate.images)
    slices = [candidate.images[i] for i in stack.order]
    decoded = load_hu(slices)
    for finding in in_image(decoded.hu, stack, settings):
        warnings += pass_gate(finding, settings)
        findings.append(finding)
    return NCCTSeries(
        hu=decoded.hu,
        affine_lps=stack.affine_lps,
        spacing_mm=stack.spacing_mm,
        headers=[source.header for source in slices],
        choice="",
        candidates=0,
        warnings=[*warnings, *candidate.excluded, *decoded.warnings],
        contrast_found=[finding.found for finding in findings if finding.is_contrast],
    )


def _with_warnings(
    series: NCCTSeries, ranking: Ranking, rejected: list[RejectedSeries], *, named_by_user: bool
) -> NCCTSeries:
    """Add the warnings about the choice of the series, and log them."""
    passed_over = [
        OtherSeries(other.positions, other.refusal.reason.code, other.refusal.message)
        for other in sorted(rejected, key=lambda other: other.sort_key, reverse=True)
    ]
    choice = _choice(len(ranking.candidates), len(rejected) - len(ranking.refused), named_by_user=named_by_user)
    spacing = " x ".join(f"{step_mm:.2f}" for step_mm in series.spacing_mm)
    logger.info("Series: %d slices, voxels %s mm; %s.", len(series.hu), spacing, choice)
    for other in passed_over:
        logger.info("Skipped: %d slice(s), %s: %s", other.slices, other.reason, other.message)
    for warning in series.warnings:
        logger.warning(warning)
    return replace(
        series,
        choice=choice,
        candidates=ranking.series_count,
        excluded=dict(Counter(other.reason for other in passed_over)),
        passed_over=passed_over,
    )


def _choice(qualified: int, failed_before: int, *, named_by_user: bool) -> str:
    if named_by_user:
        return "named by the user"
    if failed_before:
        return (
            f"number {failed_before + 1} of {qualified} axial, original, non-contrast CT series by {ORDER}; "
            f"{failed_before} series before it failed a check"
        )
    if qualified == 1:
        return "the only axial, original, non-contrast CT series"
    return f"first of {qualified} axial, original, non-contrast CT series by {ORDER}"
