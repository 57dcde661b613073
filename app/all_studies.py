"""`--all`: convert every study of the input folder into its own result folder; a failure does not stop the others."""

import logging
from pathlib import Path

from app.app import run_opened
from app.failures import as_refusal
from app.logs import report_refusal
from app.settings import AppSettings
from app.summary import SUMMARY_FILE, write_summary
from operators.bundle.inference_bundle import InferenceBundle
from operators.dicom_loader.studies import find_studies
from operators.errors import ExitCode, Reason, Refusal
from operators.output.staging import check_output

logger = logging.getLogger(__name__)


def run_all(
    *, input_folder: Path, output_folder: Path, bundle: InferenceBundle, settings: AppSettings, overwrite: bool
) -> ExitCode:
    """Convert every study.

    Args:
        input_folder: DICOM folder with one study or several.
        output_folder: takes a folder for each study that is converted, named as `Study.name`, and summary.csv.
        bundle: the opened MONAI bundle.
        settings: app.yaml.
        overwrite: whether results of an earlier run may be replaced.

    Returns:
        OK when every study was converted and the summary written, else the highest exit code of the failures: faults
            of the machine or the settings have higher codes than faults of the data.

    Raises:
        Refusal: when there is no study to convert.
    """
    studies = find_studies(input_folder)
    failures: list[ExitCode] = []
    rows = []
    summary_failure = None
    for number, study in enumerate(studies, start=1):
        logger.info("Study %d of %d: %s", number, len(studies), study.name)
        output = output_folder / study.name
        status, reason = "converted", ""
        try:
            check_output(output, overwrite=overwrite)
            run_opened(
                input_folder=input_folder, files=study.files, output_folder=output, bundle=bundle, settings=settings
            )
        except Exception as error:  # as in app.cli: every failure becomes an exit code
            refusal = as_refusal(error)
            report_refusal(refusal, study=study.name)
            failures.append(refusal.exit_code)
            status, reason = "refused" if refusal.reason.is_final else "failed", refusal.reason.code
        rows.append((study.name, study.folder, status, reason))
        summary_failure = _write_summary(output_folder / SUMMARY_FILE, rows)
    logger.info("%d of %d studies converted.", len(studies) - len(failures), len(studies))
    if summary_failure:
        report_refusal(summary_failure)
        failures.append(summary_failure.exit_code)
    return max(failures, default=ExitCode.OK)


def _write_summary(path: Path, rows: list[tuple[str, str, str, str]]) -> Refusal | None:
    """Write the lines known so far; returns what prevented it, which stops no study."""
    try:
        write_summary(path, rows)
    except OSError:
        return Refusal(Reason.CANNOT_WRITE, f"{SUMMARY_FILE} cannot be written. Check the output folder and the disk.")
    return None
