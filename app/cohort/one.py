"""Convert one study of a manifest, given by its number, for orchestrators that start one pod for each study.

  python -m app.cohort.one MANIFEST --index 0

A finished study is skipped; an unfinished or outdated result is replaced. So the same job can be started again.
Exit codes are those of the app. On Kubernetes the number comes from JOB_COMPLETION_INDEX and --first.
"""

import argparse
import logging
import os
import sys

from app.cli import bundle_folder, main
from app.cohort.done import is_done
from app.cohort.manifest import read_manifest
from app.cohort.options import argument_parser
from app.failures import exit_code_of
from app.logs import set_up_logging
from app.termination import end_cleanly_on_signals
from operators.bundle.digests import digests_of
from operators.errors import ExitCode, Reason, Refusal

logger = logging.getLogger("app.cohort.one")  # run as a module, it is called __main__, which app.logs does not show


def run(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argument_parser("python -m app.cohort.one", __doc__)
    parser.add_argument(
        "--index",
        type=int,
        default=os.environ.get("JOB_COMPLETION_INDEX", "0"),
        help="number of the study in the manifest, counted from 0",
    )
    parser.add_argument("--first", type=int, default=0, help="added to the number, for a job on a part of the manifest")
    arguments = parser.parse_args(argv)
    set_up_logging(arguments.log_level)
    return exit_code_of(lambda: _convert(arguments))


def _convert(arguments: argparse.Namespace) -> int:
    studies = read_manifest(arguments.manifest)
    number = arguments.first + arguments.index
    if not 0 <= number < len(studies):
        raise Refusal(Reason.SETTINGS, f"The manifest has {len(studies)} studies; there is no number {number}.")
    study = studies[number]
    if is_done(study.output_folder, digests_of(bundle_folder(arguments.model))):
        logger.info("Study %s is done.", study.name)
        return int(ExitCode.OK)
    options = ["-m", str(arguments.model), "--settings", str(arguments.settings), "--device", arguments.device]
    options += ["--series-uid", study.series_uid] if study.series_uid else []
    folders = ["-i", str(study.input_folder), "-o", str(study.output_folder)]
    return main([*folders, *options, "--log-level", arguments.log_level, "--overwrite"])


if __name__ == "__main__":
    end_cleanly_on_signals()
    sys.exit(run())
