"""Own pairs of NCCT and CTA become a training folder, run in the bundle's folder.

python -m cohorts.prepare --source DIR --output_dir OUT
python -m cohorts.prepare ... --patients_list patients.csv --split training=1137,validation=400,test=212
python -m cohorts.prepare ... --ncct_pattern 'plain/{patient}{ext}' --cta_pattern 'angio/{patient}{ext}'
"""

import argparse
import logging
import sys
from dataclasses import fields

from cohorts.prepare.cohort import DEFAULT_SPLIT, prepare
from cohorts.prepare.layouts import AUTO, DICOM, LAYOUTS
from cohorts.prepare.settings import Checks, Making
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
    add("--source", required=True, help="folder of the scans; it is only read")
    add("--output_dir", required=True, help="folder that gets <case>/*.nii, report.html, linking.csv, datalist.json")
    find = parser.add_argument_group("finding pairs")
    add = find.add_argument
    add("--layout", default=AUTO, choices=(AUTO, DICOM, *LAYOUTS), help="default: the first that gives a pair")
    add("--ncct_pattern", action="append", help="where NCCTs lie; see cohorts/prepare/patterns.py")
    add("--cta_pattern", action="append", help="where CTAs lie")
    add("--mask_pattern", action="append", help="where vessel masks lie, when there is CTA alone")
    add("--pairs_list", help="CSV or JSON: patient, ncct, cta (, region, label, split)")
    add("--patients_list", help="CSV or JSON: patient and any of region, label, split, exclude")
    add("--region", help="region of patients of whom none is known")
    add("--label", help="label of patients of whom none is known")
    add("--keep_ids", action="store_true", help="name cases by the source's ids; for public data only")
    make = parser.add_argument_group("making them")
    add = make.add_argument
    add("--split", type=_amounts, default=DEFAULT_SPLIT, help="training=0.7,validation=0.15,test=0.15, or numbers")
    add("--seed", type=int, default=0, help="seed of the split (default %(default)s)")
    add("--resplit", action="store_true", help="draw all anew (default: patients of an earlier run keep their split)")
    add("--align", default="none", choices=("none", "rigid", "deformable"), help="pre-alignment of the CTA")
    add(
        "--crop_margin_mm",
        type=lambda text: None if text == "none" else float(text),
        default=Making.crop_margin_mm,
        help="air kept around the body (default %(default)s); none for the whole field of view",
    )
    add(
        "--misalignment_mm",
        type=float,
        default=Making.misalignment_mm,
        help="of pseudo-pairs, between cta and cta_aligned (default %(default)s)",
    )
    add("--target_lumen_hu", type=float, help="arterial level of pseudo-pairs (default: each scan's)")
    add("--workers", type=int, help="processes, up to 3 GB each (default: CPUs, at most 8)")
    add("--verbose", action="store_true", help="tracebacks of pairs that fail; they may hold paths")
    limits = parser.add_argument_group("limits of the checks")
    for limit in fields(Checks):
        meaning = f"{limit.metadata['help']} (default %(default)s)"
        limits.add_argument(f"--{limit.name}", type=type(limit.default), default=limit.default, help=meaning)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; `arguments` are those of the process when None."""
    options = vars(_parser().parse_args(arguments))
    logging.basicConfig(level=logging.DEBUG if options.pop("verbose") else logging.INFO, format="%(message)s")
    options["checks"] = {name: options.pop(name) for name in vars(Checks())}
    return exit_code(lambda: print(prepare(**options)), "Not made")


if __name__ == "__main__":
    sys.exit(main())
