"""Trains several methods for the same number of steps, at one or more misalignments of the pairs, and scores them.

python -m studies.comparison --out runs/comparison                                     # the central claim
python -m studies.comparison --out runs/comparison --misalignment-mm 4 --methods all   # every baseline
python -m studies.comparison --out runs/quick --misalignment-mm 0 8 --max-epochs 2     # a quick look
"""

import argparse
import sys
from pathlib import Path

from scripts.evaluation.table import insert, markdown
from scripts.exit_code import exit_code
from studies.comparison.study import CENTRAL_CLAIM, METHODS, run_study
from studies.comparison.summary import summarise_study

_MISALIGNMENTS_MM = [0.0, 2.0, 4.0, 8.0]
_METHODS = "\n".join(f'  "{name}"{" (default)" if name in CENTRAL_CLAIM else ""}' for name in METHODS)
_EPILOG = f"""\
methods, quoted for the shell
{_METHODS}

You can stop at any time and give the same command again: finished runs are not repeated."""


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m studies.comparison",
        description=__doc__.splitlines()[0],
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for cohorts and runs")
    parser.add_argument(
        "--misalignment-mm",
        type=float,
        nargs="+",
        default=_MISALIGNMENTS_MM,
        help="RMS misalignment of NCCT and CTA in training (default: "
        f"{' '.join(f'{mm:g}' for mm in _MISALIGNMENTS_MM)})",
        metavar="MM",
    )
    parser.add_argument(
        "--methods",
        nargs="+",
        choices=[*METHODS, "all"],
        default=CENTRAL_CLAIM,
        help="one or several of the methods below, or all",
        metavar="METHOD",
    )
    parser.add_argument("--max-epochs", type=int, help="number of epochs (default: as in configs/comparison.yaml)")
    parser.add_argument("--scores", type=Path, help="CSV file of the scores (default: scores.csv in --out)")
    parser.add_argument("--figure", type=Path, help="file of the figure (default: figure.png in --out)")
    parser.add_argument("--card", type=Path, help="model card that gets the table")
    parser.add_argument(
        "--card-place", default="misalignment", help="marker of the table in the model card (default: %(default)s)"
    )
    arguments = parser.parse_args(argv)
    return exit_code(lambda: _compare(arguments))


def _compare(arguments: argparse.Namespace) -> None:
    methods = list(METHODS) if "all" in arguments.methods else arguments.methods
    scores = arguments.scores or arguments.out / "scores.csv"
    run_study(arguments.out, arguments.misalignment_mm, methods, arguments.max_epochs, scores)
    from studies.comparison.figure import draw_study  # matplotlib is slow to import

    draw_study(scores, arguments.figure or arguments.out / "figure.png")
    table = markdown(summarise_study(scores))
    if arguments.card:
        insert(table, arguments.card_place, arguments.card)
    print(table)


if __name__ == "__main__":
    sys.exit(main())
