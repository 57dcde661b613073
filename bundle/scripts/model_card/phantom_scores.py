"""Scores the generator on held-out phantom patients against aligned truth, beside the NCCT left unchanged."""

from collections.abc import Sequence

from scripts.evaluation.measures import measures
from scripts.evaluation.scoring import UNCHANGED, Model, score_cohort
from scripts.evaluation.statistics import summarise as summarise_measures

_MEASURES = measures(("psnr_db", "nmae", "ssim", "lumen_error_hu", "false_enhancement"))


def score_patients(patients: Sequence[dict], synthesis: Model) -> list[dict]:
    """Score every patient twice: as synthesised, and with the NCCT unchanged.

    Args:
        patients: records of `scripts.data.patients`.
        synthesis: the pipeline to score.

    Returns:
        Rows of patient, region, label, model and the metrics as numbers.
    """
    results = score_cohort(patients, {UNCHANGED: None, "Syn-CTA": synthesis})
    return [
        {key: row[key] for key in ("patient", "region", "label", "model")}
        | {measure.title: row[measure.key] for measure in _MEASURES}
        for result in results
        for row in result.scores
    ]


def summarise(rows: Sequence[dict]) -> list[dict]:
    """Mean over patients with a 95 % bootstrap confidence interval, for each model over all and per region."""
    styles = {measure.title: measure.style for measure in _MEASURES}
    return [
        {name: value.text(styles[name]) if name in styles else value for name, value in row.items()}
        for row in summarise_measures(rows, list(styles))
    ]
