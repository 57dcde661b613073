"""Writes an evaluation as CSV, JSON and Markdown."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.evaluation.known_anatomy import KNOWN_ANATOMY
from scripts.evaluation.measures import MEASURES, Measure
from scripts.evaluation.statistics import ALL_REGIONS, Comparison, Interval
from scripts.evaluation.table import markdown, write_csv
from scripts.evaluation.truth import VesselZone
from scripts.files import write_whole
from scripts.metrics import Convention

_GROUPS = {"image": "Image", "lumen": "Lumen", "vessels": "Vessels and other tissue"}
_COMPARED = ("mae_hu", "psnr_db", "ssim", "lumen_error_hu", "vessel_dice", "vessel_dice_body", "false_enhancement")


@dataclass(frozen=True)
class Evaluation:
    """All that was measured, and how.

    Attributes:
        split: split of the datalist.
        cohort: what the cohort holds, by a plain name: counts of patients.
        weights: SHA-256 of each model's weights; None for the NCCT unchanged.
        convention: of the image metrics.
        zone: how vessels were looked for.
        scores, vessels: rows as `PatientScores` has them.
        summary: rows of `summarise`.
        comparisons: of every two models.
        not_scored: why, for each patient who could not be scored by all models; they count in none of the above.
    """

    split: str
    cohort: dict[str, int]
    weights: dict[str, str | None]
    convention: Convention
    zone: VesselZone
    scores: list[dict]
    vessels: list[dict]
    summary: list[dict]
    comparisons: list[Comparison]
    not_scored: dict[str, str]

    @property
    def measured(self) -> list[Measure]:
        """Measures that are defined for at least one patient."""
        return [m for m in MEASURES if any(math.isfinite(row[m.key]) for row in self.scores)]

    @property
    def skipped(self) -> list[Measure]:
        """Measures that are defined for no patient."""
        return [measure for measure in MEASURES if measure not in self.measured]


def write_results(evaluation: Evaluation, folder: Path) -> None:
    """Write comparisons.csv and summary.json; the rows of patients and vessels are written as they are measured."""
    if evaluation.comparisons:
        write_csv([_flat(comparison) for comparison in evaluation.comparisons], folder / "comparisons.csv")
    content = {
        "split": evaluation.split,
        "cohort": evaluation.cohort,
        "not_scored": evaluation.not_scored,
        "weights_sha256": evaluation.weights,
        "convention": asdict(evaluation.convention),
        "vessel_zone": asdict(evaluation.zone),
        "measures": {m.key: {"title": m.title, "better": m.better, "definition": _define(m, evaluation)}
                     for m in evaluation.measured},
        "skipped": [measure.key for measure in evaluation.skipped],
        "summary": [{name: asdict(value) if isinstance(value, Interval) else value for name, value in row.items()}
                    for row in evaluation.summary],
        "comparisons": [asdict(comparison) for comparison in evaluation.comparisons],
    }  # fmt: skip
    write_whole(folder / "summary.json", json.dumps(_without_nan(content), indent=1) + "\n")


def tables(evaluation: Evaluation) -> str:
    """Render the Markdown tables: measures per region and model, then the comparisons; first the missing patients."""
    parts = []
    if evaluation.not_scored:
        count = f"{len(evaluation.not_scored)} of {evaluation.cohort['patients']}"
        parts.append(f"**Not scored: {count} patients.** They are in no table, for no model.\n")
    several = len({row["region"] for row in evaluation.scores}) > 1
    summary = [row for row in evaluation.summary if several or row["region"] == ALL_REGIONS]
    for group, heading in _GROUPS.items():
        measures = [measure for measure in evaluation.measured if measure.group == group]
        if not measures:
            continue
        rows = [
            {"region": row["region"], "patients": row["patients"], "model": row["model"]}
            | {measure.title: row[measure.key].text(measure.style) for measure in measures}
            for row in summary
        ]
        parts.append(f"**{heading}**\n\n{markdown(rows)}")
    if evaluation.comparisons:
        parts.append(
            "**Differences, patient by patient** (95 % bootstrap interval; p of the Wilcoxon signed-rank test, not "
            f"corrected for several comparisons)\n\n{markdown(_comparison_rows(evaluation))}"
        )
    return "\n".join(parts)


def report(evaluation: Evaluation, figures: Sequence[Path]) -> str:
    """Write the whole report as Markdown: cohort, definitions, tables, figures (by their names)."""
    convention = evaluation.convention
    clipping = "nothing clipped" if convention.clip_hu is None else "both clipped to {:g}..{:g} HU".format(
        *convention.clip_hu
    )  # fmt: skip
    definitions = [
        {"measure": m.title, "better": m.better, "definition": _define(m, evaluation)} for m in evaluation.measured
    ]
    lines = [
        "# Evaluation", "",
        f"Split `{evaluation.split}`: " + ", ".join(f"{n} {name}" for name, n in evaluation.cohort.items()) + ".",
        f"Image metrics by the convention `{convention.name}`: data range {convention.range_hu:g} HU, {clipping}. "
        f"Means over patients with a 95 % bootstrap interval; region `{ALL_REGIONS}` is all of them. A patient for "
        "whom a measure is undefined is not in its mean; `summary.json` has the number of patients of each mean.", "",
    ]  # fmt: skip
    if any(row["model"] == KNOWN_ANATOMY for row in evaluation.scores):
        lines += [
            f"`{KNOWN_ANATOMY}` is not a model: it is the NCCT with the arterial lumen, and other enhancing tissue "
            "where it is known, each raised by its median rise in the patient. It is a reference, not an upper limit: "
            "what true masks with one level each reach. Patients of whom neither is known are not in it.",
            "",
        ]
    lines += _skipped(evaluation)
    lines.append(tables(evaluation))
    if evaluation.not_scored:
        reasons = [f"- {patient}: {why}" for patient, why in evaluation.not_scored.items()]
        lines += ["## Patients not scored", "", *reasons, ""]
    lines += ["## Definitions", "", markdown(definitions)]
    if figures:
        lines += ["## Figures", "", *(f"![{path.stem.replace('_', ' ')}]({path.name})\n" for path in figures)]
    return "\n".join(lines)


def _skipped(evaluation: Evaluation) -> list[str]:
    without_lumen = [m for m in evaluation.skipped if m.group != "image" and not evaluation.vessels]
    others = [measure for measure in evaluation.skipped if measure not in without_lumen]
    reasons = {
        "no patient has a lumen mask (`structures` or `lumen` in the datalist) with a vessel in view": without_lumen,
        "undefined for every patient": others,
    }
    return [
        f"**Not measured: {'; '.join(measure.title for measure in measures)}**: {reason}.\n"
        for reason, measures in reasons.items()
        if measures
    ]


def _define(measure: Measure, evaluation: Evaluation) -> str:
    return measure.definition.format(**asdict(evaluation.zone))


def _comparison_rows(evaluation: Evaluation) -> list[dict]:
    measures = [measure for measure in evaluation.measured if measure.key in _COMPARED]
    rows: dict[tuple[str, str], dict] = {}
    for comparison in evaluation.comparisons:
        row = rows.setdefault(
            (comparison.model, comparison.other), {"models": f"{comparison.model} minus {comparison.other}"}
        )
        for measure in measures:
            if measure.key == comparison.key:
                p = f"; p={comparison.p:.2g}" if math.isfinite(comparison.p) else ""
                row[measure.title] = comparison.difference.text(measure.style) + p
    return list(rows.values())


def _flat(comparison: Comparison) -> dict:
    return {
        "measure": comparison.key, "model": comparison.model, "other": comparison.other,
        **asdict(comparison.difference), "p": comparison.p,
    }  # fmt: skip


def _without_nan(value: object) -> object:
    """JSON has no NaN and no infinity."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
