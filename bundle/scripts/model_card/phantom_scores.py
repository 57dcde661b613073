"""Scores the generator on held-out phantom patients against aligned truth, beside the NCCT left unchanged."""

from collections.abc import Callable, Iterable

import nibabel
import numpy as np
from tqdm import tqdm

from scripts.metrics import false_enhancement, lumen_error_hu, nmae, psnr_db, ssim
from scripts.model_card.synthesis import Synthesis

_BOOTSTRAP_DRAWS = 2000
_METRICS: dict[str, tuple[Callable[..., float], str]] = {
    "PSNR, dB": (psnr_db, ".2f"),
    "NMAE": (nmae, ".4f"),
    "SSIM": (ssim, ".4f"),
    "lumen error, HU": (lumen_error_hu, ".1f"),
    "false enhancement": (false_enhancement, ".3%"),
}


def score_patients(patients: Iterable[dict], synthesis: Synthesis) -> list[dict]:
    """Score every patient twice: as synthesised, and with the NCCT unchanged.

    Args:
        patients: records of `scripts.data.patients`.
        synthesis: the pipeline to score.

    Returns:
        Rows of patient, region, label, model and the metrics as numbers.
    """
    rows = []
    for patient in tqdm(list(patients), desc="patients"):
        cta_hu = _volume(patient["cta_aligned"])
        structures = _volume(patient["structures"])
        source_hu, synthetic_hu = (np.asarray(volume)[0] for volume in synthesis(patient["ncct"]))
        for model, candidate_hu in (("NCCT unchanged", source_hu), ("Syn-CTA", synthetic_hu)):
            scores = {
                name: metric(candidate_hu, source_hu if metric is false_enhancement else cta_hu, structures)
                for name, (metric, _) in _METRICS.items()
            }
            rows.append({key: patient[key] for key in ("patient", "region", "label")} | {"model": model} | scores)
    return rows


def summarise(rows: list[dict]) -> list[dict]:
    """Mean over patients with a 95 % bootstrap confidence interval, for each model over all and per region."""
    summary = []
    for region in ["all", *sorted({row["region"] for row in rows})]:
        for model in dict.fromkeys(row["model"] for row in rows):
            chosen = [row for row in rows if row["model"] == model and region in ("all", row["region"])]
            scores = {name: _interval([row[name] for row in chosen], style) for name, (_, style) in _METRICS.items()}
            summary.append({"region": region, "patients": len(chosen), "model": model, **scores})
    return summary


def _interval(values: list[float], style: str) -> str:
    finite = np.asarray([value for value in values if np.isfinite(value)])
    generator = np.random.default_rng(0)
    draws = generator.choice(finite, (_BOOTSTRAP_DRAWS, finite.size)).mean(axis=1)
    low, high = np.percentile(draws, (2.5, 97.5))
    return f"{finite.mean():{style}} ({low:{style}} to {high:{style}})"


def _volume(path: str) -> np.ndarray:
    return np.asarray(nibabel.load(path).dataobj, dtype=np.float32)
