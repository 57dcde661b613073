"""Scores the generator on held-out phantom patients against aligned truth, beside marks to read them by."""

from collections.abc import Sequence

from scripts.evaluation.measures import measures
from scripts.evaluation.scoring import UNCHANGED, Model
from scripts.model_card.cohort_rows import score_rows, summary_rows

_MEASURES = measures(("psnr_db", "nmae", "ssim", "lumen_error_hu", "vessel_dice", "false_enhancement"))


def score_patients(patients: Sequence[dict], synthesis: Model) -> list[dict]:
    """Score every patient with the NCCT unchanged, as synthesised, and as known anatomy has it; see `score_rows`."""
    return score_rows(patients, {UNCHANGED: None, "Syn-CTA": synthesis}, _MEASURES, known_anatomy=True)


def summarise(rows: Sequence[dict]) -> list[dict]:
    """Mean over patients with a 95 % bootstrap confidence interval, for each model over all and per region."""
    return summary_rows(rows, _MEASURES)
