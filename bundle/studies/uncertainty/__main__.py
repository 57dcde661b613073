"""Measures whether the uncertainty map is high where the error is high, on held-out patients with aligned truth.

python -m studies.uncertainty --datalist data/phantoms_test/datalist.json --out runs/uncertainty
"""

import argparse
import sys
from pathlib import Path

import nibabel
import numpy as np
from tqdm import tqdm

from scripts.data import patients
from scripts.evaluation.synthesis import Synthesis
from scripts.evaluation.table import markdown, write_csv
from scripts.exit_code import exit_code
from scripts.structures import Structure
from studies.uncertainty.agreement import agreement, body_blocks, error_by_uncertainty
from studies.uncertainty.figure import Example, save_figure

_EXAMPLES = 3


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m studies.uncertainty", description=__doc__.splitlines()[0])
    parser.add_argument("--datalist", type=Path, required=True, help="datalist.json of the cohort")
    parser.add_argument("--split", default="test", help="split to measure (default: %(default)s)")
    parser.add_argument("--checkpoint", type=Path, help="weights to measure (default: models/model.pt of the bundle)")
    parser.add_argument(
        "--out", type=Path, required=True, help="path of the .csv and .png to write, without the ending"
    )
    arguments = parser.parse_args(argv)
    return exit_code(lambda: _measure(arguments))


def _measure(arguments: argparse.Namespace) -> None:
    records = patients(arguments.datalist, arguments.split)
    if without := [record["patient"] for record in records if not {"cta_aligned", "structures"} <= set(record)]:
        raise ValueError(
            f"{without[0]} has no cta_aligned and structures. Give a phantom cohort: only there is the error known."
        )
    synthesis = Synthesis(arguments.checkpoint)
    rows: list[dict] = []
    blocks: list = []
    examples: list[tuple[str, Example]] = []
    for patient in tqdm(records, desc="patients"):
        ncct_hu, truth_hu, structures = (_volume(patient[name]) for name in ("ncct", "cta_aligned", "structures"))
        synthetic_hu, uncertainty_hu = (np.asarray(volume)[0] for volume in synthesis.with_uncertainty(patient["ncct"]))
        body = structures != Structure.OUTSIDE
        blocks.append(body_blocks(synthetic_hu, truth_hu, ncct_hu, uncertainty_hu, body))
        rows.append({key: patient[key] for key in ("patient", "region", "label")} | agreement(blocks[-1]))
        if len(examples) < _EXAMPLES and patient["region"] not in {region for region, _ in examples}:
            shown = int(np.argmax((structures == Structure.ARTERIAL_LUMEN).sum(axis=(0, 1))))
            slices = (synthetic_hu, np.abs(synthetic_hu - truth_hu), uncertainty_hu)
            example = Example(patient["patient"], *(volume[:, :, shown] for volume in slices))
            examples.append((patient["region"], example))
    write_csv(rows, arguments.out.with_name(f"{arguments.out.name}.csv"))
    picture = arguments.out.with_name(f"{arguments.out.name}.png")
    save_figure([example for _, example in examples], error_by_uncertainty(blocks), picture)
    print(markdown(_summary(rows)))


def _summary(rows: list[dict]) -> list[dict]:
    """Median and range over patients of each figure."""
    summary = []
    for name in [key for key in rows[0] if key not in ("patient", "region", "label")]:
        values = np.array([row[name] for row in rows], dtype=float)
        low, middle, high = np.nanmin(values), np.nanmedian(values), np.nanmax(values)
        summary.append({"over patients": name, "median": f"{middle:.2f}", "range": f"{low:.2f} to {high:.2f}"})
    return summary


def _volume(path: str) -> np.ndarray:
    return np.asarray(nibabel.load(path).dataobj, dtype=np.float32)


if __name__ == "__main__":
    sys.exit(main())
