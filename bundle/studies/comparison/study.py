"""Trains every method at every misalignment and scores the last generator on held-out patients, aligned truth."""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monai.bundle import ConfigParser

from cohorts.context.maps import context_of_bundle, write_maps
from scripts.data import datalists
from scripts.evaluation.scoring import UNCHANGED, score_cohort
from scripts.evaluation.table import write_csv
from scripts.files import write_whole
from scripts.handlers import holds_run
from studies.comparison.trained_network import TrainedNetwork

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Method:
    """How a method differs from train.yaml: overlays of configs/, and single values."""

    overlays: tuple[str, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)


METHODS = {
    "CTA-GAN": Method(),
    "without registration": Method(changes={"train::trainer::registration": None}),
    "pix2pix": Method(("pix2pix.yaml",)),
    "CycleGAN": Method(("cyclegan.yaml",)),
    "regression": Method(("regression.yaml",)),
    "CTA-GAN, without windows": Method(changes={"network_def::windows_hu": []}),
    "CTA-GAN, without context map": Method(changes={"network_def::context_channels": 0}),
    "CTA-GAN, paper's generator": Method(changes={"network_def": {"_target_": "scripts.networks.PaperGenerator"}}),
}
MEASURED = ("psnr_db", "lumen_error_hu", "false_enhancement")
"""What the table has of `scripts.evaluation.measures`."""
CENTRAL_CLAIM = ["CTA-GAN", "without registration"]

_CONFIGS = Path(__file__).resolve().parents[2] / "configs"
_SCORES = "scores.json"
_TRAINED = "trained"
_BUDGET = (
    "max_epochs",
    "slices_per_epoch",
    "batch_size",
    "patch_px",
    "phantom_training",
    "phantom_validation",
    "phantom_slices",
    "phantom_matrix",
)
"""Settings that must be the same for all runs of a table."""


def run_study(
    out: Path, misalignments_mm: Sequence[float], methods: Sequence[str], max_epochs: int | None, scores: Path
) -> None:
    """Run what is missing, resume what was stopped, and write one row a patient, method and misalignment.

    Args:
        out: folder of cohorts and runs.
        misalignments_mm: root mean square displacements between NCCT and CTA of the training pairs.
        methods: names in `METHODS`.
        max_epochs: budget of each run; None for the config's.
        scores: the CSV file to write.

    Raises:
        ValueError: when a run in `out` had another budget.
    """
    rows = []
    for misalignment_mm in misalignments_mm:
        for method in methods:
            run = out / f"{re.sub('[^a-z0-9]+', '-', method.lower())}_{misalignment_mm:g}mm"
            config = _config(out, run, misalignment_mm, method, max_epochs)
            budget = {name: config[name] for name in _BUDGET}
            done = run / _SCORES
            if done.is_file():
                _check_budget(done, budget)
            else:
                logger.info("%s at %g mm", method, misalignment_mm)
                write_whole(done, json.dumps({"budget": budget, "patients": _train_and_score(config)}, indent=1))
            rows += [
                {"method": method, "misalignment_mm": misalignment_mm, **row}
                for row in json.loads(done.read_text())["patients"]
            ]
    write_csv(rows, scores)


def _config(out: Path, run: Path, misalignment_mm: float, method: str, max_epochs: int | None) -> ConfigParser:
    parser = ConfigParser()
    # The method's overlays come last: the budget is the same for all, the weights of a method's losses are its own.
    overlays = ("train.yaml", "comparison.yaml", *METHODS[method].overlays)
    parser.read_config([str(_CONFIGS / name) for name in overlays])
    changes = {
        "bundle_root": str(_CONFIGS.parent),
        "dataset_dir": str(out / f"phantoms_{misalignment_mm:g}mm"),
        "output_dir": str(run),
        "resume": holds_run(run),
        "phantom_misalignment_mm": misalignment_mm,
        **METHODS[method].changes,
    }
    if max_epochs is not None:
        changes["max_epochs"] = max_epochs
    parser.update(changes)
    return parser


def _check_budget(done: Path, budget: Mapping[str, Any]) -> None:
    found = json.loads(done.read_text())["budget"]
    other = [f"{name} {found[name]} instead of {value}" for name, value in budget.items() if found[name] != value]
    if other:
        raise ValueError(f"{done.parent} was run with {', '.join(other)}. Give another --out, or remove that folder.")


def _train_and_score(parser: ConfigParser) -> list[dict[str, str | float]]:
    _make_cohort(parser)
    for section in ("initialize", "training"):
        parser.get_parsed_content(section)
    return _score(parser)


def _make_cohort(parser: ConfigParser) -> None:
    """Make the phantoms, unless they are there, and their context maps, which a training expects."""
    (datalist,) = datalists(None, parser["dataset_dir"], parser.get_parsed_content("phantom_cohort"))
    write_maps(Path(datalist), context_of_bundle())


def _score(parser: ConfigParser) -> list[dict[str, str | float]]:
    """Scores of each held-out patient and of the same NCCT unchanged, by the network of the training."""
    models = {_TRAINED: TrainedNetwork(parser), UNCHANGED: None}
    rows = []
    for result in score_cohort(parser.get_parsed_content("validate#patients"), models, progress=False):
        scores = {row["model"]: row for row in result.scores}
        rows.append(
            {"patient": scores[_TRAINED]["patient"]}
            | {key: scores[_TRAINED][key] for key in MEASURED}
            | {f"unchanged_{key}": scores[UNCHANGED][key] for key in MEASURED}
        )
    return rows
