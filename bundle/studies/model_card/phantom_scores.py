"""Scores the generator on held-out phantom patients against aligned truth, beside references for these scores."""

from collections.abc import Mapping, Sequence

from scripts.evaluation.measures import measures
from scripts.evaluation.scoring import UNCHANGED, Model
from studies.model_card.cohort_rows import score_rows, summary_rows
from studies.model_card.perfect_reader import perfect_reader

MARKS: Mapping[str, Model | None] = {UNCHANGED: None, "perfect reader": perfect_reader}
"""What phantoms are scored with beside the generator: the least and the most that can be expected of it."""

_MEASURES = measures(("psnr_db", "nmae", "ssim", "lumen_error_hu", "vessel_dice", "false_enhancement"))


def score_patients(patients: Sequence[dict], synthesis: Model, marks: Mapping[str, Model | None] = MARKS) -> list[dict]:
    """Score every patient by the references and as synthesised; see `score_rows`."""
    return score_rows(patients, {**marks, "Syn-CTA": synthesis}, _MEASURES)


def summarise(rows: Sequence[dict]) -> list[dict]:
    """Mean over patients with a 95 % bootstrap confidence interval, for each model over all and per region."""
    return summary_rows(rows, _MEASURES)
