"""Ordinal regression of scores on arm, period and region, with all readings of a patient as one cluster (GEE)."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.genmod.cov_struct import Independence
from statsmodels.genmod.generalized_estimating_equations import OrdinalGEE


@dataclass(frozen=True)
class Effect:
    """One term.

    Attributes:
        term: column.
        odds_ratio, low, high: of a higher score, with its interval.
        p: two-sided.
    """

    term: str
    odds_ratio: float
    low: float
    high: float
    p: float


def ordinal_effects(
    scores: pd.Series, terms: pd.DataFrame, patients: pd.Series, alpha: float = 0.05
) -> list[Effect] | str:
    """Fit a cumulative-logit model.

    Args:
        scores: one a reading.
        terms: numeric columns.
        patients: cluster of each reading.
        alpha: 1 - confidence.

    Returns:
        An effect for each term that varies, or why there is none.
    """
    varying = [name for name in terms if terms[name].nunique() > 1]
    if scores.nunique() < 2:
        return "all scores are equal"
    if not varying:
        return "no term varies"
    levels = {score: i for i, score in enumerate(sorted(scores.unique()))}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = OrdinalGEE(
                scores.map(levels).to_numpy(),
                terms[varying].to_numpy(dtype=float),
                groups=pd.factorize(patients, sort=True)[0],
                cov_struct=Independence(),
            )
            fit = model.fit(maxiter=100)
            values, errors = np.asarray(fit.params)[-len(varying) :], np.asarray(fit.bse)[-len(varying) :]
    except (np.linalg.LinAlgError, ValueError, FloatingPointError) as error:
        return f"the model cannot be estimated ({type(error).__name__})"
    if not (
        np.isfinite(values).all() and np.isfinite(errors).all() and (errors > 0).all() and (abs(values) < 10).all()
    ):
        return "scores of an arm, period, reader or region are all alike or overlap with no others"
    z = norm.isf(alpha / 2)
    return [
        Effect(
            name,
            odds_ratio=float(np.exp(value)),
            low=float(np.exp(value - z * se)),
            high=float(np.exp(value + z * se)),
            p=float(2 * norm.sf(abs(value / se))),
        )
        for name, value, se in zip(varying, values, errors, strict=True)
    ]
