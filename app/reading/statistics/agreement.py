"""Agreement between two ratings, and between many (Cohen, Fleiss, Gwet)."""

from dataclasses import dataclass

import numpy as np
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa


@dataclass(frozen=True)
class Agreement:
    """Agreement of two ratings of the same subjects.

    Attributes:
        raw: share of equal ratings.
        kappa: Cohen 1960; NaN where both ratings know one category alone.
        kappa_se: standard error of kappa (Fleiss, Cohen, Everitt 1969).
        quadratic_kappa: Cohen 1968, weights by squared distance; NaN for categories without order.
        ac2: Gwet's AC2 with quadratic weights; AC1 for categories without order.
    """

    raw: float
    kappa: float
    kappa_se: float
    quadratic_kappa: float
    ac2: float


def table_of(first: np.ndarray, second: np.ndarray, categories: int) -> np.ndarray:
    """(category, category) counts of two ratings given as numbers from 0."""
    counts = np.zeros((categories, categories))
    np.add.at(counts, (np.asarray(first, dtype=int), np.asarray(second, dtype=int)), 1)
    return counts


def agreement(table: np.ndarray, *, ordered: bool) -> Agreement:
    """Measure agreement.

    Args:
        table: (category of the first rating, category of the second) counts.
        ordered: whether categories have an order.
    """
    plain = cohens_kappa(np.asarray(table, dtype=float)) if _both_vary(table) else None
    return Agreement(
        raw=float(np.trace(table) / table.sum()),
        kappa=float(plain.kappa) if plain else float("nan"),
        kappa_se=float(plain.std_kappa) if plain else float("nan"),
        quadratic_kappa=float(kappa_of(table, quadratic_weights(len(table)))) if ordered else float("nan"),
        ac2=float(gwet(table, quadratic_weights(len(table)) if ordered else np.eye(len(table)))),
    )


def _both_vary(table: np.ndarray) -> bool:
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    return bool(np.trace(expected) < expected.sum())


def quadratic_weights(categories: int) -> np.ndarray:
    """1 - squared distance over the largest squared distance."""
    index = np.arange(categories)
    return 1 - (index[:, None] - index[None, :]) ** 2 / (categories - 1) ** 2


def kappa_of(tables: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted kappa of (..., category, category) counts; NaN where it is not defined."""
    shares = tables / tables.sum(axis=(-2, -1), keepdims=True)
    observed = (shares * weights).sum(axis=(-2, -1))
    expected = np.einsum("...i,...j,ij->...", shares.sum(axis=-1), shares.sum(axis=-2), weights)
    return _chance_corrected(observed, expected)


def gwet(tables: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Gwet's AC2 of (..., category, category) counts; AC1 where the weights are the identity.

    Source: Gwet, Handbook of Inter-Rater Reliability, 4th ed. 2014, chapter 4.
    """
    categories = tables.shape[-1]
    shares = tables / tables.sum(axis=(-2, -1), keepdims=True)
    observed = (shares * weights).sum(axis=(-2, -1))
    prevalence = (shares.sum(axis=-1) + shares.sum(axis=-2)) / 2
    expected = weights.sum() / (categories * (categories - 1)) * (prevalence * (1 - prevalence)).sum(axis=-1)
    return _chance_corrected(observed, expected)


def _chance_corrected(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    defined = np.asarray(1 - expected) > 1e-12
    return np.where(defined, (observed - expected) / np.where(defined, 1 - expected, 1.0), np.nan)


def fleiss(counts: np.ndarray) -> float:
    """Fleiss' kappa of (subject, category) counts of ratings; each subject has as many."""
    return float(fleiss_kappa(np.asarray(counts), method="fleiss"))
