"""Intervals of shares: Wilson for one, Tango for the difference of two shares of the same patients."""

import math
from typing import NamedTuple

from scipy.optimize import brentq
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint


class Share(NamedTuple):
    """A share with its interval."""

    positive: int
    total: int
    share: float
    low: float
    high: float


class Difference(NamedTuple):
    """A difference of shares with its interval."""

    difference: float
    low: float
    high: float


def wilson(count: int, total: int, alpha: float = 0.05) -> Share:
    """A share with Wilson's score interval; NaN for no cases."""
    if total == 0:
        return Share(0, 0, *(math.nan,) * 3)
    low, high = proportion_confint(count, total, alpha=alpha, method="wilson")
    return Share(count, total, count / total, float(low), float(high))


def tango_z(b: int, c: int, n: int, delta: float) -> float:
    """Tango's score statistic for p1 - p2 = `delta`.

    Args:
        b, c: patients with success in the first alone, in the second alone.
        n: all patients.
        delta: hypothetical difference.

    Source: Tango, Statistics in Medicine 1998;17:891-908, equations 7 to 9.
    """
    big_b = -b - c + (2 * n - b + c) * delta
    big_c = -c * delta * (1 - delta)
    root = math.sqrt(max(0.0, big_b**2 - 8 * n * big_c))
    q21 = (root - big_b) / (4 * n)  # P(second alone) that is most likely under the hypothesis
    variance = n * (2 * q21 + delta * (1 - delta))
    numerator = b - c - n * delta
    if variance <= 1e-15:
        return 0.0 if abs(numerator) < 1e-12 else math.copysign(math.inf, numerator)
    return numerator / math.sqrt(variance)


def tango(b: int, c: int, n: int, alpha: float = 0.05) -> Difference:
    """Score interval of the difference of two paired shares, (b - c) / n; NaN for no patients."""
    if n == 0:
        return Difference(*(math.nan,) * 3)
    z = float(norm.isf(alpha / 2))
    difference = (b - c) / n
    edge = 1 - 1e-9

    def bound(sign: int) -> float:
        """Where the statistic is z (low) or -z (high)."""
        end = -edge if sign > 0 else edge
        target = sign * z
        if (tango_z(b, c, n, end) - target) * sign < 0:
            return math.copysign(1.0, end)
        return float(brentq(lambda delta: tango_z(b, c, n, delta) - target, end, difference, xtol=1e-10))

    return Difference(difference, bound(1), bound(-1))


def not_inferior_p(b: int, c: int, n: int, margin: float) -> float:
    """One-sided p value of first - second > -margin, by the same statistic."""
    return float(norm.sf(tango_z(b, c, n, -margin))) if n else math.nan
