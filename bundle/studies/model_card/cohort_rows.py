"""Rows of a table of the model card: what a cohort scores with several models, and their mean as text."""

from collections.abc import Mapping, Sequence

from scripts.evaluation.measures import Measure
from scripts.evaluation.scoring import Model, score_cohort
from scripts.evaluation.statistics import summarise


def score_rows(
    patients: Sequence[dict],
    models: Mapping[str, Model | None],
    measures: Sequence[Measure],
) -> list[dict]:
    """Score every patient by every model.

    Args:
        patients: records of `scripts.data.patients`.
        models: models by name; None stands for the NCCT unchanged.
        measures: what the table shows.

    Returns:
        Rows of patient, region, label, model and the measures by title, as numbers.
    """
    return [
        {key: row[key] for key in ("patient", "region", "label", "model")}
        | {measure.title: row[measure.key] for measure in measures}
        for result in score_cohort(patients, models)
        for row in result.scores
    ]


def summary_rows(rows: Sequence[dict], measures: Sequence[Measure]) -> list[dict]:
    """Mean over patients with a 95 % bootstrap confidence interval as text, for each model over all and per region."""
    styles = {measure.title: measure.style for measure in measures}
    return [
        {name: value.text(styles[name]) if name in styles else value for name, value in row.items()}
        for row in summarise(rows, list(styles))
    ]
