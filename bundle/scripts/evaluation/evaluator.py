"""Evaluates several models on one cohort into one set of tables and figures."""

import hashlib
import logging
import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import numpy as np

from scripts.evaluation.cohort import check_cohort, has_several_cohorts, name_by_cohort
from scripts.evaluation.figures import draw_bland_altman, draw_patients, worst_median_best
from scripts.evaluation.known_anatomy import KNOWN_ANATOMY
from scripts.evaluation.measures import MEASURES
from scripts.evaluation.report import Evaluation, report, tables, write_results
from scripts.evaluation.scoring import UNCHANGED, reason, score_cohort
from scripts.evaluation.statistics import compare, summarise
from scripts.evaluation.synthesis import Synthesis
from scripts.evaluation.table import CsvAppender, insert
from scripts.evaluation.truth import VesselZone
from scripts.files import write_whole
from scripts.metrics import CONVENTIONS

logger = logging.getLogger(__name__)

_FIGURE_MEASURES = ("lumen_error_hu", "mae_hu")  # the first that is defined chooses worst, median and best


class CohortEvaluator:
    """Scores models on one split of a datalist.

    Args:
        records: records of `scripts.data.patients`; those of several cohorts are named `cohort/patient`.
        models: by name, what replaces the settings of inference.yaml (`checkpoint`, `network_def`, `hu_range`, ...), or
            the path of a checkpoint alone, or None for the NCCT unchanged, which is added where it is not named.
        output_dir: folder of the results.
        split: the split's name, for the report.
        convention: "paper" or "synthrad".
        vessel_threshold_hu: least HU of a segmented vessel.
        vessel_margin_mm: how far from the lumen vessels are compared.
        lumen_labels: values of the "lumen" volumes that are arteries; None for all above 0.
        known_anatomy: one row more in the tables, of what the true masks alone would reach; see `known_anatomy_hu`.
        card: model card to put the tables into; None for none.
        card_place: name of its markers `<!-- name -->` and `<!-- end of name -->`.
        progress: show a progress bar.

    Raises:
        FileNotFoundError: when a model has no weights.
        ValueError: when a model or the convention is not known, or the cohort cannot be scored.
    """

    def __init__(
        self,
        records: Sequence[dict],
        models: Mapping[str, Mapping[str, Any] | str | None],
        output_dir: str | Path,
        *,
        split: str = "test",
        convention: str = "paper",
        vessel_threshold_hu: float = 150.0,
        vessel_margin_mm: float = 10.0,
        lumen_labels: Sequence[int] | None = None,
        known_anatomy: bool = True,
        card: str | Path | None = None,
        card_place: str = "evaluation",
        progress: bool = True,
    ) -> None:
        if convention not in CONVENTIONS:
            raise ValueError(f"Unknown convention {convention!r}. Choose {' or '.join(CONVENTIONS)}.")
        self.records = name_by_cohort(records)
        check_cohort(self.records)
        self.models = {name: _model(name, settings) for name, settings in _with_unchanged_ncct(models).items()}
        self.output_dir = Path(output_dir)
        self.split = split
        self.convention = CONVENTIONS[convention]
        self.zone = VesselZone(vessel_threshold_hu, vessel_margin_mm)
        self.lumen_labels = lumen_labels
        self.known_anatomy = known_anatomy
        self.card = card
        self.card_place = card_place
        self.progress = progress
        self.not_scored: dict[str, str] = {}

    def run(self) -> Evaluation:
        """Score, and write patients.csv, vessels.csv, comparisons.csv, summary.json, report.md and figures.

        A patient who cannot be scored is left out, and the report says why. Until all are done, the rows of finished
        patients are in patients.csv.part and vessels.csv.part.

        Raises:
            ValueError: when no patient can be scored.
        """
        self.not_scored = {}
        self.output_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".slices-", dir=self.output_dir) as scratch:
            evaluation = self._score(Path(scratch))
            write_results(evaluation, self.output_dir)
            figures = self._draw(evaluation, Path(scratch))
        write_whole(self.output_dir / "report.md", report(evaluation, figures))
        if self.card:
            insert(tables(evaluation), self.card_place, Path(self.card))
        scored = len(self.records) - len(self.not_scored)
        logger.info("%d models on %d patients: %s", len(self.models), scored, self.output_dir / "report.md")
        if evaluation.skipped:
            logger.warning("Not measured: %s", "; ".join(measure.title for measure in evaluation.skipped))
        return evaluation

    def exit_if_incomplete(self) -> None:
        """End the process with an error's exit code, so that scripts notice an incomplete evaluation.

        Raises:
            SystemExit: with 1, when there are patients whom the run could not score.
        """
        if self.not_scored:
            count = f"{len(self.not_scored)} of {len(self.records)}"
            raise SystemExit(f"Not scored: {count} patients. The reasons are in {self.output_dir / 'report.md'}.")

    def _score(self, scratch: Path) -> Evaluation:
        scores, vessels = (CsvAppender(self.output_dir / name) for name in ("patients.csv", "vessels.csv"))
        results = score_cohort(
            self.records, self.models, zone=self.zone, convention=self.convention, lumen_labels=self.lumen_labels,
            known_anatomy=self.known_anatomy, progress=self.progress, failed=self._exclude,
        )  # fmt: skip
        for index, result in enumerate(results):
            scores.extend(result.scores)
            vessels.extend(result.vessels)
            for number, slices in enumerate(result.slices.values()):
                np.savez(
                    scratch / f"{index}-{number}.npz", allow_pickle=False, **slices
                )  # on disk: a cohort's would fill the memory
        if not scores.rows:
            first = next(f"{patient}: {why}" for patient, why in self.not_scored.items())
            raise ValueError(f"None of {len(self.records)} patients could be scored. The first error: {first}")
        for table in (scores, vessels):
            table.finish()
        keys = [measure.key for measure in MEASURES]
        return Evaluation(
            self.split, self._cohort(), {name: _digest(model) for name, model in self.models.items()},
            self.convention, self.zone, scores.rows, vessels.rows, summarise(scores.rows, keys),
            compare(scores.rows, keys), self.not_scored,
        )  # fmt: skip

    def _exclude(self, record: dict, error: Exception) -> None:
        self.not_scored[record["patient"]] = reason(error)
        logger.warning("Not scored: %s: %s", record["patient"], self.not_scored[record["patient"]])
        logger.debug("%s", record["patient"], exc_info=error)

    def _cohort(self) -> dict[str, int]:
        records = self.records
        cohorts = Counter(record["cohort"] for record in records) if has_several_cohorts(records) else {}
        return {
            "patients": len(records),
            **{f"of cohort {name}": count for name, count in cohorts.items()},
            "with aligned truth (the others: CTA as acquired)": sum("cta_aligned" in record for record in records),
            "with structures": sum("structures" in record for record in records),
            "with a lumen file": sum("lumen" in record for record in records),
        }

    def _draw(self, evaluation: Evaluation, scratch: Path) -> list[Path]:
        figures = []
        measured = {measure.key: measure for measure in evaluation.measured}
        measure = next(measured[key] for key in _FIGURE_MEASURES if key in measured)
        for number, name in enumerate(self.models):
            if self.models[name] is None:
                continue
            rows = [row for row in evaluation.scores if row["model"] == name]
            chosen = worst_median_best([row[measure.key] for row in rows], measure.better == "higher")
            patients = [
                (
                    f"{rank}: {rows[index]['patient']}, {measure.title} {rows[index][measure.key]:{measure.style}}",
                    dict(np.load(scratch / f"{index}-{number}.npz")),
                )
                for rank, index in chosen.items()
            ]
            figures.append(self.output_dir / f"patients_{_slug(name)}.png")
            draw_patients(patients, figures[-1])
        if evaluation.vessels:
            figures.append(self.output_dir / "bland_altman.png")
            draw_bland_altman(evaluation.vessels, figures[-1])
        return figures


def _with_unchanged_ncct(models: Mapping[str, Any]) -> dict[str, Any]:
    if KNOWN_ANATOMY in models:
        raise ValueError(f"{KNOWN_ANATOMY!r} is the name of another row of the tables. Give the model another name.")
    slugs = [_slug(name) for name in models]
    if len(set(slugs)) < len(slugs):
        raise ValueError(f"Model names must differ in letters or digits, found {', '.join(models)}.")
    return dict(models) if None in models.values() else {UNCHANGED: None, **models}


def _model(name: str, settings: Mapping[str, Any] | str | None) -> Synthesis | None:
    if settings is None:
        return None
    if isinstance(settings, str):
        settings = {"checkpoint": settings}
    if not isinstance(settings, Mapping):
        raise ValueError(f"Model {name!r}: give a checkpoint or settings of inference.yaml, found {settings!r}.")
    try:
        return Synthesis(settings=settings)
    except (FileNotFoundError, ValueError) as error:
        raise type(error)(f"Model {name!r}: {error}") from error


def _digest(model: Synthesis | None) -> str | None:
    return None if model is None else hashlib.sha256(model.checkpoint.read_bytes()).hexdigest()


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
