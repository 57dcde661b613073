"""Command line of the phantom cohort: `python -m cohorts.phantom {cohort,dicom,sheet} --help`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cohorts.phantom.anatomy import LABELS, REGIONS
from cohorts.phantom.atlas.habitus import Label, Region
from cohorts.phantom.output.cohort import write_cohort
from cohorts.phantom.output.dicom import write_dicom_series
from cohorts.phantom.patient import generate_patient
from scripts.exit_code import exit_code

_SHEET: tuple[tuple[int, Region, Label], ...] = (
    (1, "chest", "healthy"),
    (12, "chest", "aneurysm"),
    (13, "chest", "dissection"),
    (14, "abdomen", "aneurysm"),
    (15, "abdomen", "atherosclerosis"),
    (16, "neck", "healthy"),
    (17, "neck", "dissection"),
)


def _add_grid(parser: argparse.ArgumentParser) -> None:
    grid = parser.add_argument_group("grid, motion and build")
    grid.add_argument("--slices", type=int, default=48, help="number of slices (default %(default)s)")
    grid.add_argument("--matrix", type=int, default=512, help="rows and columns (default %(default)s)")
    grid.add_argument(
        "--spacing-mm",
        type=float,
        nargs=3,
        default=(0.67, 0.67, 1.25),
        metavar=("ROW", "COLUMN", "SLICE"),
        help="voxel spacing in mm (default 0.67 0.67 1.25)",
    )
    grid.add_argument(
        "--misalignment-mm",
        type=float,
        default=4.0,
        help="RMS displacement in mm between NCCT and CTA inside the body (default %(default)s)",
    )
    grid.add_argument(
        "--operated-share",
        type=float,
        default=0.0,
        help="share of the patients with a stent-graft, sternal wires and a scarred mediastinum (default %(default)s)",
    )
    grid.add_argument(
        "--bulky-share",
        type=float,
        default=0.0,
        help="share of the chests with large muscles around the shoulder blades (default %(default)s)",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cohorts.phantom", description="Synthetic patients with NCCT, CTA and truth."
    )
    commands = parser.add_subparsers(dest="command", required=True)

    cohort = commands.add_parser(
        "cohort", help="write a cohort as NIfTI files with a datalist.json; the same command resumes a stopped run"
    )
    cohort.add_argument("--out", required=True, metavar="DIR", help="folder of the cohort")
    cohort.add_argument("--training", type=int, default=48, help="patients for training (default %(default)s)")
    cohort.add_argument("--validation", type=int, default=8, help="patients for validation (default %(default)s)")
    cohort.add_argument("--test", type=int, default=12, help="patients for testing (default %(default)s)")
    cohort.add_argument("--seed", type=int, default=0, help="seed of the cohort (default %(default)s)")
    cohort.add_argument("--workers", type=int, help="processes, 1.5 GB each (default: CPUs, at most 8)")
    _add_grid(cohort)

    dicom = commands.add_parser("dicom", help="write one patient as a DICOM CT series")
    dicom.add_argument("--out", required=True, metavar="DIR", help="folder of the series")
    dicom.add_argument("--seed", type=int, default=7, help="seed of the patient (default %(default)s)")
    dicom.add_argument("--region", choices=REGIONS, help="body region (default: drawn from the seed)")
    dicom.add_argument("--label", choices=LABELS, help="disease (default: drawn from the seed)")
    dicom.add_argument("--phase", choices=("ncct", "cta"), default="ncct", help="scan to write (default %(default)s)")
    _add_grid(dicom)

    sheet = commands.add_parser("sheet", help="draw a contact sheet of several patients")
    sheet.add_argument("--out", required=True, metavar="PNG", help="picture to write")
    _add_grid(sheet)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; `argv` is that of the process when None."""
    arguments = _parser().parse_args(argv)
    return exit_code(lambda: _run(arguments))


def _run(arguments: argparse.Namespace) -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    grid: dict[str, Any] = {
        "slices": arguments.slices,
        "matrix": arguments.matrix,
        "spacing_mm": tuple(arguments.spacing_mm),
        "misalignment_mm": arguments.misalignment_mm,
        "operated_share": arguments.operated_share,
        "bulky_share": arguments.bulky_share,
    }
    if arguments.command == "cohort":
        counts = {"training": arguments.training, "validation": arguments.validation, "test": arguments.test}
        print(write_cohort(arguments.out, **counts, seed=arguments.seed, workers=arguments.workers, **grid))
    elif arguments.command == "dicom":
        if Path(arguments.out).is_dir() and any(Path(arguments.out).iterdir()):
            raise FileExistsError(
                f"{arguments.out} is not empty. Give a new folder, since one folder must hold one study."
            )
        patient = generate_patient(arguments.seed, arguments.region, arguments.label, **grid)
        paths = write_dicom_series(patient, arguments.out, arguments.phase)
        print(f"{len(paths)} files, {patient.region}, {patient.label}: {arguments.out}")
    else:
        # Drawing is the only use of matplotlib here; the other commands do not load it.
        from cohorts.phantom.output.contact_sheet import write_contact_sheet

        write_contact_sheet([generate_patient(*choice, **grid) for choice in _SHEET], arguments.out)
        print(arguments.out)


if __name__ == "__main__":
    sys.exit(main())
