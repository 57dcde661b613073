"""Make pseudo-pairs from CTA; run it in the bundle folder.

python -m cohorts.pseudo_pairs --source DATA --out DIR [--recipe configs/pseudo_pairs.yaml]
python -m cohorts.pseudo_pairs sheet --data DIR --out docs/pseudo_pairs.png
"""

import argparse
import logging
import sys
from dataclasses import replace
from pathlib import Path

from cohorts.pseudo_pairs.cohort import write_cohort
from cohorts.pseudo_pairs.contact_sheet import draw_contact_sheet
from cohorts.pseudo_pairs.recipe import load_recipe
from scripts.exit_code import exit_code

RECIPE = Path(__file__).parents[2] / "configs" / "pseudo_pairs.yaml"


def _parser(program: str) -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(prog=program, description=__doc__, formatter_class=formatter)


def make_pairs(argv: list[str]) -> None:
    """Make the pairs of a recipe."""
    parser = _parser("python -m cohorts.pseudo_pairs")
    parser.add_argument(
        "--source", type=Path, required=True, help="folder with the series of the recipe; it is not changed"
    )
    parser.add_argument("--out", type=Path, required=True, help="output folder; gets <patient>/*.nii and datalist.json")
    parser.add_argument(
        "--recipe",
        type=Path,
        default=RECIPE,
        help="recipe: YAML file of series, seeds and settings (default: %(default)s)",
    )
    parser.add_argument(
        "--misalignment-mm",
        type=float,
        help="displacement between cta and cta_aligned, 0 for none (default: as in the recipe)",
    )
    arguments = parser.parse_args(argv)
    recipe = load_recipe(arguments.recipe)
    if arguments.misalignment_mm is not None:
        recipe = replace(recipe, misalignment_mm=arguments.misalignment_mm)
    write_cohort(arguments.source, arguments.out, recipe)


def make_sheet(argv: list[str]) -> None:
    """Draw the contact sheet of pairs that were made."""
    parser = _parser("python -m cohorts.pseudo_pairs sheet")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds datalist.json")
    parser.add_argument("--out", type=Path, required=True, help="picture to write")
    arguments = parser.parse_args(argv)
    draw_contact_sheet(arguments.data, arguments.out)


def main(argv: list[str] | None = None) -> int:
    """Run the command; `sheet` as its first word draws the picture instead."""
    argv = sys.argv[1:] if argv is None else argv
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    return exit_code(lambda: make_sheet(argv[1:]) if argv[:1] == ["sheet"] else make_pairs(argv))


if __name__ == "__main__":
    sys.exit(main())
