"""Bias-corrected and accelerated bootstrap over patients (Efron 1987), expanded for few of them (Hesterberg 2015).

The plain percentile interval is too narrow for agreement: it covers 88.7 % instead of 95 % for AC2 at 60 patients.
Resamples of n patients vary too little, by sqrt((n - 1) / n), and it uses a normal quantile in place of Student's. A
wider quantile corrects both (Hesterberg, The American Statistician 2015;69:371-386), as in R's `resample::CI.bca`.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.stats import norm, t

RESAMPLES = 2000


class Estimate(NamedTuple):
    """An estimate with its interval; NaN bounds if the data do not determine them."""

    value: float
    low: float
    high: float


def bca(
    parts: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], *, seed: int, alpha: float = 0.05
) -> Estimate:
    """Interval of a statistic that follows from the sum of what each patient contributes.

    Args:
        parts: (patient, ...) contributions, for example a table of counts each.
        statistic: from (resample, ...) sums to (resample,) values; NaN where not defined.
        seed: of the resamples.
        alpha: 1 - confidence.
    """
    patients = len(parts)
    value = float(statistic(parts.sum(axis=0)[None])[0])
    if patients < 3 or np.isnan(value):
        return Estimate(value, float("nan"), float("nan"))
    weights = _resamples(patients, seed)
    flat = parts.reshape(patients, -1).astype(float)
    drawn = statistic((weights @ flat).reshape(RESAMPLES, *parts.shape[1:]))
    drawn = np.sort(drawn[~np.isnan(drawn)])
    without = statistic((flat.sum(axis=0) - flat).reshape(parts.shape))
    without = without[~np.isnan(without)]
    # If all resamples are equal, as when readers never differ, they give no interval.
    if len(drawn) < 0.9 * RESAMPLES or len(without) < 2 or drawn[0] == drawn[-1]:
        return Estimate(value, float("nan"), float("nan"))
    # Ties count half: statistics of counts take few values.
    below = (np.sum(drawn < value) + 0.5 * np.sum(drawn == value)) / len(drawn)
    bias = norm.ppf(np.clip(below, 1 / (len(drawn) + 1), 1 - 1 / (len(drawn) + 1)))
    from_mean = without.mean() - without
    spread = (from_mean**2).sum() ** 1.5
    acceleration = (from_mean**3).sum() / (6 * spread) if spread > 0 else 0.0
    z = t.ppf([alpha / 2, 1 - alpha / 2], patients - 1) * np.sqrt(patients / (patients - 1))
    shares = norm.cdf(bias + (bias + z) / (1 - acceleration * (bias + z)))
    low, high = np.quantile(drawn, shares)
    return Estimate(value, float(low), float(high))


@lru_cache(maxsize=4)
def _resamples(patients: int, seed: int) -> np.ndarray:
    """(resample, patient) how often each patient is drawn; cached, since a report needs the same counts many times."""
    drawn = np.random.default_rng(seed).multinomial(patients, np.full(patients, 1 / patients), size=RESAMPLES)
    return drawn.astype(float)
