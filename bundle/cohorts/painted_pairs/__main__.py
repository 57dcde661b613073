"""Make painted pairs from NCCT with marked arteries; run it in the bundle folder.

python -m cohorts.painted_pairs --source DATA --out DIR [--recipe configs/painted_pairs.yaml]
"""

import argparse
import logging
import sys
from pathlib import Path

from cohorts.painted_pairs.cohort import write_cohort
from scripts.exit_code import exit_code

RECIPE = Path(__file__).parents[2] / "configs" / "painted_pairs.yaml"


def main(argv: list[str] | None = None) -> int:
    """Run the command."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m cohorts.painted_pairs", description=__doc__, formatter_class=formatter)
    parser.add_argument(
        "--source", type=Path, required=True, help="folder with the series of the recipe; it is not changed"
    )
    parser.add_argument("--out", type=Path, required=True, help="output folder; gets <patient>/*.nii and datalist.json")
    parser.add_argument(
        "--recipe", type=Path, default=RECIPE, help="recipe: YAML file of scans and their marks (default: %(default)s)"
    )
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    return exit_code(lambda: write_cohort(arguments.source, arguments.out, arguments.recipe))


if __name__ == "__main__":
    sys.exit(main())
