"""Convert a cohort of studies on all GPUs or cores of a machine, or of a Ray cluster.

  python -m app.cohort MANIFEST --workers 2               on two GPUs, or without GPUs on all cores
  python -m app.cohort MANIFEST --workers 2 --gpus 0.5    both on one GPU

Each worker opens the bundle once. Finished studies are skipped, so the command can be repeated at any time.
The outputs are those of the app. The summary has a line for each study: status, exit code, reason, seconds, CPU
seconds, and a message if it was refused or failed.

Needs Ray: pip install -e '.[cohort]'. Exit code 0 if every study was converted, skipped or refused; 75 if a study was
lost or failed and may succeed in another run.
"""

import argparse
import csv
import logging
import os
import sys
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from app.cli import bundle_folder
from app.cohort.gpus import available_gpus, check_room, gpu_fraction
from app.cohort.manifest import read_manifest
from app.cohort.options import argument_parser
from app.cohort.pool import run_pool
from app.cohort.worker import Status
from app.failures import exit_code_of
from app.logs import set_up_logging
from app.settings import read_settings
from operators.errors import ExitCode, Reason, Refusal

logger = logging.getLogger("app.cohort")  # run as a module, it is called __main__, which app.logs does not show


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argument_parser("python -m app.cohort", __doc__)
    parser.add_argument("--workers", type=_positive, default=1, help="worker processes, one for each GPU (default: 1)")
    parser.add_argument("--cpus", type=_positive, help="CPU cores of each worker (default: an equal share)")
    parser.add_argument("--gpus", type=gpu_fraction, help="GPUs of each worker, 0.5 to share one (default: 1, if any)")
    parser.add_argument("--address", help="address of a Ray cluster; 'auto' for the one on this machine")
    parser.add_argument(
        "--summary", type=Path, help="CSV file (default: the manifest's name with the ending .summary.csv)"
    )
    parser.add_argument("--no-progress", dest="progress", action="store_false", help="do not show a progress bar")
    arguments = parser.parse_args(argv)
    set_up_logging(arguments.log_level)
    return exit_code_of(lambda: _run(arguments))


def _run(arguments: argparse.Namespace) -> ExitCode:
    studies = read_manifest(arguments.manifest)
    device = None if arguments.device == "auto" else arguments.device
    worker_arguments = (
        bundle_folder(arguments.model).resolve(),
        read_settings(arguments.settings),
        device,
        arguments.log_level,
    )
    cpus = arguments.cpus or max(1, (os.cpu_count() or 1) // arguments.workers)
    gpus = arguments.gpus if arguments.gpus is not None else float(device != "cpu" and available_gpus() > 0)
    if gpus > 0 and not arguments.address:  # the GPUs of a cluster are Ray's to count: it waits until there is room
        check_room(arguments.workers, gpus, available_gpus())
    statuses: set[Status] = set()
    summary = arguments.summary or arguments.manifest.with_suffix(".summary.csv")
    with (
        _opened(summary) as file,
        tqdm(total=len(studies), unit="study", disable=not arguments.progress) as bar,
    ):
        table = csv.writer(file)
        table.writerow(("study", "status", "exit_code", "reason", "seconds", "cpu_seconds", "message"))
        pool = run_pool(
            studies, worker_arguments, workers=arguments.workers, cpus=cpus, gpus=gpus, address=arguments.address
        )
        for study, outcome in pool:
            seconds = (f"{outcome.seconds:.2f}", f"{outcome.cpu_seconds:.2f}")
            table.writerow((study.name, outcome.status, outcome.exit_code, outcome.reason, *seconds, outcome.message))
            file.flush()
            if outcome.message:
                logger.warning("Study %s %s: %s", study.name, outcome.status, outcome.message)
            statuses.add(outcome.status)
            bar.update()
    return ExitCode.OK if statuses.isdisjoint(("failed", "lost")) else ExitCode.RESOURCES


def _opened(summary: Path) -> TextIO:
    try:
        return summary.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise Refusal(
            Reason.CANNOT_WRITE, "The summary cannot be written. Give another file with --summary."
        ) from error


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
