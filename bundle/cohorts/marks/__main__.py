"""Draw the marks of a scan to check them; run it in the bundle folder.

python -m cohorts.marks draw --ncct SERIES --marks configs/marks/lidc-idri-0314.csv --out PICTURES

One enlarged picture for each marked level, with a grid of LPS millimetres as in the file of marks: arteries red, other
structures (not_...) cyan, parts of the heart yellow. A circle should fill its vessel up to the outer wall. If one
does not, change its line in the file (structure,x_mm,y_mm,z_mm,radius_mm) and draw again.
"""

import argparse
import sys
from pathlib import Path

from cohorts.ct.reading import read_image
from cohorts.marks.circles import read_marks
from cohorts.marks.drawing import draw_marks
from scripts.exit_code import exit_code


def main(argv: list[str] | None = None) -> int:
    """Run the command."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m cohorts.marks", description=__doc__, formatter_class=formatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    draw = commands.add_parser(
        "draw", help="draw the circles on the slices", description=__doc__, formatter_class=formatter
    )
    draw.add_argument(
        "--ncct", type=Path, required=True, help="folder of one DICOM series, or a NIfTI, NRRD or MHA file"
    )
    draw.add_argument("--marks", type=Path, required=True, help="CSV file with the marks of this scan")
    draw.add_argument("--out", type=Path, required=True, help="output folder; gets a PNG for each marked level")
    draw.add_argument(
        "--margin-mm", type=float, default=25.0, help="margin around the outermost circles in mm (default: %(default)s)"
    )
    arguments = parser.parse_args(argv)
    return exit_code(lambda: _draw(arguments))


def _draw(arguments: argparse.Namespace) -> None:
    circles = read_marks(arguments.marks)
    pictures = draw_marks(read_image(arguments.ncct), circles, arguments.out, arguments.margin_mm)
    print(f"{len(circles)} marks on {len(pictures)} slices: {arguments.out}")


if __name__ == "__main__":
    sys.exit(main())
