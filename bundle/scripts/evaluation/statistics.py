"""Means with bootstrap intervals over patients, and paired comparisons between models."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import stats

_DRAWS = 2000
_CONFIDENCE = 0.95
_ROUNDING = 6  # decimals; smaller differences are float32 rounding, which must not be ranked
ALL_REGIONS = "all"


@dataclass(frozen=True)
class Interval:
    """A mean over patients with its 95 % bootstrap interval.

    Attributes:
        mean: NaN where there is no patient.
        low, high: bounds; NaN below two patients.
        patients: how many had a finite value.
    """

    mean: float
    low: float
    high: float
    patients: int

    def text(self, style: str) -> str:
        """Write as `mean (low to high)`, or a dash where nothing was measured."""
        if not self.patients:
            return "-"
        if not np.isfinite(self.low):
            return f"{self.mean:z{style}}"
        return f"{self.mean:z{style}} ({self.low:z{style}} to {self.high:z{style}})"  # z: no minus before a zero


@dataclass(frozen=True)
class Comparison:
    """A measure of two models on the same patients.

    Attributes:
        key: of the measure.
        model, other: the models' names.
        difference: of `model` minus `other`, patient by patient.
        p: two-sided Wilcoxon signed-rank test, not corrected for the number of comparisons; NaN below two patients.
    """

    key: str
    model: str
    other: str
    difference: Interval
    p: float


def interval(values: Iterable[float]) -> Interval:
    """Mean and 95 % interval: percentile bootstrap over patients, 2000 draws, seed 0; of the finite values."""
    finite = np.asarray([value for value in values if np.isfinite(value)])
    nan = float("nan")
    if finite.size < 2:
        return Interval(float(finite[0]) if finite.size else nan, nan, nan, finite.size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # equal values: the interval is their value
        drawn = stats.bootstrap(
            (finite,), np.mean, n_resamples=_DRAWS, confidence_level=_CONFIDENCE, method="percentile", rng=0
        ).confidence_interval
    return Interval(float(finite.mean()), float(drawn.low), float(drawn.high), finite.size)


def summarise(rows: Sequence[dict], keys: Sequence[str]) -> list[dict]:
    """Summarise per model over all patients and per region.

    Args:
        rows: one a patient and model, with "region", "model" and the keys.
        keys: of the measures.

    Returns:
        Rows of region, patients, model, and an `Interval` for each key.
    """
    summary = []
    for region in [ALL_REGIONS, *sorted({row["region"] for row in rows})]:
        for model in dict.fromkeys(row["model"] for row in rows):
            chosen = [row for row in rows if row["model"] == model and region in (ALL_REGIONS, row["region"])]
            values = {key: interval(row[key] for row in chosen) for key in keys}
            summary.append({"region": region, "patients": len(chosen), "model": model, **values})
    return summary


def compare(rows: Sequence[dict], keys: Sequence[str]) -> list[Comparison]:
    """Compare every two models on the patients for whom both have a finite value; arguments as for `summarise`."""
    by_model: dict[str, dict[str, dict]] = {}
    for row in rows:
        by_model.setdefault(row["model"], {})[row["patient"]] = row
    return [
        Comparison(key, model, other, *_paired(by_model[model], by_model[other], key))
        for other, model in combinations(by_model, 2)
        for key in keys
    ]


def _paired(of_model: dict[str, dict], of_other: dict[str, dict], key: str) -> tuple[Interval, float]:
    both = [patient for patient in of_model if patient in of_other]
    differences = np.asarray([of_model[patient][key] - of_other[patient][key] for patient in both])
    differences = differences[np.isfinite(differences)].round(_ROUNDING)
    if differences.size < 2:
        p = float("nan")
    elif not differences.any():
        p = 1.0  # scipy gives NaN for ties throughout
    else:
        p = float(stats.wilcoxon(differences).pvalue)
    return interval(differences), p
