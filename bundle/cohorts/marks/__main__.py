"""Look again at the marks of a scan, run in the bundle's folder.

python -m cohorts.marks draw --ncct SERIES --marks configs/marks/lidc-idri-0314.csv --out PICTURES

One enlarged picture for each marked level, with a grid of LPS millimetres as in the file of marks: arteries red, other
structures (not_...) cyan, the heart's parts yellow. A circle should fill its vessel up to the outer wall. Where one
does not, change its line in the file (structure,x_mm,y_mm,z_mm,radius_mm) and draw again.
"""

import argparse
import sys
from pathlib import Path

from cohorts.ct.reading import read_image
from cohorts.marks.circles import read_marks
from cohorts.marks.drawing import draw_marks
from scripts.exit_code import exit_code


def main(args: list[str] | None = None) -> int:
    """Run the command."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m cohorts.marks", description=__doc__, formatter_class=formatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    draw = commands.add_parser(
        "draw", help="draw the circles on the slices", description=__doc__, formatter_class=formatter
    )
    draw.add_argument("--ncct", type=Path, required=True, help="folder of one DICOM series, or an image file")
    draw.add_argument("--marks", type=Path, required=True, help="CSV file of the scan's marks")
    draw.add_argument("--out", type=Path, required=True, help="folder that gets a PNG for each marked level")
    draw.add_argument(
        "--margin-mm", type=float, default=25.0, help="shown beyond the outermost circles (default: %(default)s)"
    )
    options = parser.parse_args(args)
    return exit_code(lambda: _draw(options), "Not drawn")


def _draw(options: argparse.Namespace) -> None:
    circles = read_marks(options.marks)
    pictures = draw_marks(read_image(options.ncct), circles, options.out, options.margin_mm)
    print(f"{len(circles)} marks on {len(pictures)} slices: {options.out}")


if __name__ == "__main__":
    sys.exit(main())
