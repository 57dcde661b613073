"""Makes the tables and figures of the model card.

python -m studies.model_card phantoms --datalist data/phantoms_test/datalist.json --out runs/phantom_scores
python -m studies.model_card robustness --datalist data/phantoms_test/datalist.json --out runs/robustness
python -m studies.model_card ncct --ncct DIR --regions configs/regions_lidc_idri_0314.yaml --out runs/real_ncct
python -m studies.model_card marks --ncct DIR --marks configs/marks/lidc-idri-0314.csv --out runs/marks_lidc
"""

import argparse
import sys
from pathlib import Path

import matplotlib
import numpy as np
import yaml
from monai.transforms import Orientation

from cohorts.marks.circles import read_marks
from scripts.data import patients
from scripts.evaluation.synthesis import Synthesis
from scripts.evaluation.table import insert, markdown, write_csv
from scripts.exit_code import exit_code
from scripts.pictures.comparison import ComparisonRow, save_comparison
from studies.model_card import marked_points, robustness
from studies.model_card.marked_points import draw, rows_of, score_circles
from studies.model_card.phantom_scores import score_patients, summarise
from studies.model_card.real_ncct import measure, tissue_masks


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    matplotlib.use("Agg")
    parser = argparse.ArgumentParser(prog="python -m studies.model_card", description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, help="weights to measure (default: models/model.pt of the bundle)")
    parser.add_argument("--card", type=Path, help="model card that gets the table, between its markers")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    for name, run, place, purpose in (
        (
            "phantoms",
            _phantoms,
            "phantom_scores",
            "score phantoms of the test split, and a perfect reader of them for comparison",
        ),
        (
            "robustness",
            _robustness,
            "robustness",
            "score the same phantoms with changed HU level, pixel size and noise of the NCCT",
        ),
    ):
        command = commands.add_parser(name, help=purpose)
        command.add_argument("--datalist", type=Path, required=True, help="datalist.json of the cohort")
        command.add_argument("--split", default="test", help="split to score (default: %(default)s)")
        command.add_argument("--out", type=Path, required=True, help="path of the .csv to write, without the ending")
        command.set_defaults(run=run, place=place)

    ncct = commands.add_parser("ncct", help="measure tissues of a real NCCT before and after")
    ncct.add_argument("--ncct", type=Path, required=True, help="DICOM folder or NIfTI file")
    ncct.add_argument("--regions", type=Path, required=True, help="YAML file of the regions to measure")
    ncct.add_argument("--out", type=Path, required=True, help="path of the .csv and .png to write, without the ending")
    ncct.set_defaults(run=_ncct, place="real_ncct")

    marks = commands.add_parser("marks", help="score a real NCCT at hand-marked arteries and other tissue")
    marks.add_argument("--ncct", type=Path, nargs="+", required=True, help="DICOM folders or NIfTI files")
    marks.add_argument(
        "--marks", type=Path, nargs="+", required=True, help="CSV files of marks, one for each scan in the same order"
    )
    marks.add_argument(
        "--out", type=Path, required=True, help="path of the .csv and the pictures to write, without the ending"
    )
    marks.set_defaults(run=_marks, place="marked_points")

    arguments = parser.parse_args(argv)
    return exit_code(lambda: arguments.run(arguments))


def _phantoms(arguments: argparse.Namespace) -> None:
    synthesis = Synthesis(arguments.checkpoint)
    records = patients(arguments.datalist, arguments.split)
    rows = score_patients(records, synthesis)
    _write(rows, summarise(rows), arguments)


def _robustness(arguments: argparse.Namespace) -> None:
    rows = robustness.score_robustness(patients(arguments.datalist, arguments.split), Synthesis(arguments.checkpoint))
    _write(rows, robustness.summarise(rows), arguments)


def _ncct(arguments: argparse.Namespace) -> None:
    if not arguments.ncct.is_file() and not any(arguments.ncct.glob("*")):
        raise FileNotFoundError(f"No NIfTI file or DICOM folder at {arguments.ncct}.")
    source_hu, synthetic_hu = (
        Orientation("LPS", labels=None)(volume) for volume in Synthesis(arguments.checkpoint)(arguments.ncct)
    )
    masks = tissue_masks(np.asarray(source_hu)[0], np.asarray(source_hu.affine), arguments.regions)
    rows = measure(source_hu, synthetic_hu, masks)
    _write(rows, rows, arguments)
    spheres = yaml.safe_load(arguments.regions.read_text())["spheres"]
    measured = np.any([masks[name] for name in spheres], axis=0)
    slices = np.linspace(0, source_hu.shape[-1] - 1, 5).round().astype(int)[1:-1]
    volumes_hu = {"NCCT": np.asarray(source_hu)[0], "Syn-CTA": np.asarray(synthetic_hu)[0]}
    shown = [
        ComparisonRow(
            {title: volume_hu[:, :, index] for title, volume_hu in volumes_hu.items()},
            ("Syn-CTA", "NCCT"),
            measured[:, :, index],
        )
        for index in slices
    ]
    save_comparison(shown, arguments.out.with_name(f"{arguments.out.name}.png"))


def _marks(arguments: argparse.Namespace) -> None:
    if len(arguments.ncct) != len(arguments.marks):
        raise ValueError(
            f"{len(arguments.ncct)} scans but {len(arguments.marks)} files of marks. Give one for each scan."
        )
    synthesis = Synthesis(arguments.checkpoint)
    rows, summary = [], []
    for ncct, marks in zip(arguments.ncct, arguments.marks, strict=True):
        circles = read_marks(marks)
        source_hu, synthetic_hu = (Orientation("LPS", labels=None)(volume) for volume in synthesis(ncct))
        affine_lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.asarray(source_hu.affine)
        source, synthetic = np.asarray(source_hu)[0], np.asarray(synthetic_hu)[0]
        scored = score_circles(synthetic - source, affine_lps, circles)
        rows += rows_of(marks.stem, scored)
        summary += marked_points.summarise(marks.stem, scored)
        draw(source, synthetic, affine_lps, scored, arguments.out.with_name(f"{arguments.out.name}_{marks.stem}.png"))
    _write(rows, summary, arguments)


def _write(rows: list[dict], summary: list[dict], arguments: argparse.Namespace) -> None:
    write_csv(rows, arguments.out.with_name(f"{arguments.out.name}.csv"))
    table = markdown(summary)
    if arguments.card:
        insert(table, arguments.place, arguments.card)
    print(table)


if __name__ == "__main__":
    sys.exit(main())
