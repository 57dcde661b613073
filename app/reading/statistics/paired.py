"""Tests of paired ratings: McNemar, Stuart-Maxwell, Bhapkar, Wilcoxon."""

import warnings
from typing import NamedTuple

import numpy as np
from scipy.stats import wilcoxon as scipy_wilcoxon
from statsmodels.stats.contingency_tables import SquareTable, mcnemar


class Test(NamedTuple):
    """A test's statistic and p value; NaN where it cannot be done."""

    statistic: float
    p: float


NOT_DONE = Test(float("nan"), float("nan"))


def mcnemar_test(table: np.ndarray, *, exact: bool = True, correction: bool = False) -> Test:
    """Difference of two paired shares, of a 2 x 2 table; exact by default."""
    if table[0, 1] + table[1, 0] == 0:
        return Test(0.0, 1.0)
    result = mcnemar(table, exact=exact, correction=correction)
    return Test(float(result.statistic), float(result.pvalue))


def stuart_maxwell(table: np.ndarray) -> Test:
    """Homogeneity of the margins of a square table; categories in which ratings never differ are left out."""
    return _homogeneity(table, "stuart_maxwell")


def bhapkar(table: np.ndarray) -> Test:
    """As `stuart_maxwell`, with Bhapkar's variance."""
    return _homogeneity(table, "bhapkar")


def _homogeneity(table: np.ndarray, method: str) -> Test:
    # A category without a differing pair adds nothing to the statistic, and a zero variance that cannot be inverted.
    used = np.flatnonzero(table.sum(axis=0) + table.sum(axis=1) - 2 * np.diagonal(table))
    table = np.asarray(table, dtype=float)[np.ix_(used, used)]
    if len(used) < 2:
        return Test(0.0, 1.0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = SquareTable(table, shift_zeros=False).homogeneity(method=method)
    except np.linalg.LinAlgError:
        return NOT_DONE
    statistic, p = float(result.statistic), float(result.pvalue)
    return Test(statistic, p) if np.isfinite(statistic) and statistic >= 0 else NOT_DONE


def wilcoxon(first: np.ndarray, second: np.ndarray) -> Test:
    """Signed-rank test of two ratings of the same patients; equal pairs are left out, as in the paper."""
    difference = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    if not np.any(difference):
        return Test(0.0, 1.0)
    result = scipy_wilcoxon(difference, zero_method="wilcox", correction=False, method="approx")
    return Test(float(result.statistic), float(result.pvalue))


def holm(p_values: list[float]) -> list[float]:
    """Holm's adjusted p values; NaN stays NaN and does not count."""
    adjusted = [float("nan")] * len(p_values)
    order = sorted((i for i, p in enumerate(p_values) if not np.isnan(p)), key=lambda i: p_values[i])
    largest = 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p_values[i]))
        adjusted[i] = largest
    return adjusted
