"""Make a training folder from your own pairs of NCCT and CTA; run it in the bundle folder.

python -m cohorts.prepare --source DIR --out OUT
python -m cohorts.prepare ... --patients-list patients.csv --split training=1137,validation=400,test=212
python -m cohorts.prepare ... --ncct-pattern 'plain/{patient}{ext}' --cta-pattern 'angio/{patient}{ext}'
"""

import argparse
import logging
import sys
from dataclasses import fields
from pathlib import Path

from cohorts.prepare.cohort import prepare
from cohorts.prepare.layouts import AUTO, DICOM, LAYOUTS
from cohorts.prepare.options import DEFAULT_SPLIT, PatientOptions, SearchOptions, SplitOptions
from cohorts.prepare.settings import ALIGNMENTS, Checks, PairOptions
from scripts.exit_code import exit_code


def _amounts(text: str) -> dict[str, float | int]:
    """`training=0.7,test=0.3` or `training=1137,validation=400`."""
    amounts = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        amounts[name.strip()] = float(value) if "." in value else int(value)
    return amounts


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cohorts.prepare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--source", type=Path, required=True, help="folder of your scans; it is not changed")
    add(
        "--out",
        type=Path,
        required=True,
        help="output folder; gets <case>/*.nii, report.html, linking.csv, datalist.json",
    )
    find = parser.add_argument_group("how pairs are found")
    add = find.add_argument
    add(
        "--layout",
        default=AUTO,
        choices=(AUTO, DICOM, *LAYOUTS),
        help="layout of the folder (default: the first that gives a pair)",
    )
    add(
        "--ncct-pattern",
        action="append",
        default=[],
        help="paths of the NCCTs, such as 'plain/{patient}{ext}'; see cohorts/prepare/patterns.py",
    )
    add("--cta-pattern", action="append", default=[], help="paths of the CTAs")
    add("--mask-pattern", action="append", default=[], help="paths of vessel masks, for pseudo-pairs of CTA only")
    add("--pairs-list", type=Path, help="CSV or JSON file of pairs: patient, ncct, cta (, region, label, split)")
    add("--patients-list", type=Path, help="CSV or JSON file: patient and any of region, label, split, exclude")
    add("--region", help="body region of patients whose region is not known")
    add("--label", help="label (disease) of patients whose label is not known")
    add("--keep-ids", action="store_true", help="name cases by the patient ids of the source; for public data only")
    make = parser.add_argument_group("how pairs are made")
    add = make.add_argument
    add(
        "--split",
        type=_amounts,
        default=DEFAULT_SPLIT,
        help="shares such as training=0.7,validation=0.15,test=0.15, or numbers of patients",
    )
    add("--seed", type=int, default=0, help="seed of the split (default %(default)s)")
    add(
        "--resplit",
        action="store_true",
        help="draw the split of all patients again (default: patients of an earlier run keep theirs)",
    )
    add("--align", default="none", choices=ALIGNMENTS, help="pre-alignment of the CTA")
    add(
        "--crop-margin-mm",
        type=lambda text: None if text == "none" else float(text),
        default=PairOptions.crop_margin_mm,
        help="margin of air around the body (default %(default)s); none for the whole field of view",
    )
    add(
        "--misalignment-mm",
        type=float,
        default=PairOptions.misalignment_mm,
        help="displacement between cta and cta_aligned of pseudo-pairs (default %(default)s)",
    )
    add("--target-lumen-hu", type=float, help="HU of arterial blood in pseudo-pairs (default: as in each scan)")
    add(
        "--workers",
        type=int,
        help="processes, up to 3 GB each (default: CPUs, at most 8); with 0 there is one, and a crash ends the run",
    )
    add("--verbose", action="store_true", help="show tracebacks of failed pairs; they may contain paths")
    limits = parser.add_argument_group("limits of the checks; pairs beyond them are rejected")
    for limit in fields(Checks):
        meaning = f"{limit.metadata['help']} (default %(default)s)"
        limits.add_argument(
            f"--{limit.name.replace('_', '-')}", type=type(limit.default), default=limit.default, help=meaning
        )
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command line; `argv` is that of the process when None."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.DEBUG if arguments.verbose else logging.INFO, format="%(message)s")
    return exit_code(lambda: print(_prepare(arguments)))


def _prepare(arguments: argparse.Namespace) -> Path:
    return prepare(
        arguments.source,
        arguments.out,
        search_options=SearchOptions(
            arguments.layout,
            tuple(arguments.ncct_pattern),
            tuple(arguments.cta_pattern),
            tuple(arguments.mask_pattern),
            arguments.pairs_list,
        ),
        patient_options=PatientOptions(arguments.patients_list, arguments.region, arguments.label, arguments.keep_ids),
        split_options=SplitOptions(arguments.split, arguments.seed, arguments.resplit),
        pair_options=PairOptions(
            Checks(**{limit.name: getattr(arguments, limit.name) for limit in fields(Checks)}),
            arguments.align,
            arguments.crop_margin_mm,
            arguments.misalignment_mm,
            arguments.target_lumen_hu,
            arguments.seed,
        ),
        workers=arguments.workers,
    )


if __name__ == "__main__":
    sys.exit(main())
