"""Multi-reader multi-case analysis by Obuchowski and Rockette, for two tests that all readers read of all cases.

Source: Hillis, Obuchowski, Schartz, Berbaum, Statistics in Medicine 2005;24:1579-1607; Hillis, Statistics in Medicine
2007;26:596-619 (degrees of freedom).
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import f as f_distribution
from scipy.stats import norm, t


@dataclass(frozen=True)
class Covariances:
    """Error variance and covariances of the readers' figures of merit.

    Attributes:
        variance: of one figure.
        cov1: same reader, other test.
        cov2: other reader, same test.
        cov3: other reader, other test.
    """

    variance: float
    cov1: float
    cov2: float
    cov3: float


@dataclass(frozen=True)
class Comparison:
    """Difference of the two tests' mean figures of merit (first minus second).

    Attributes:
        means: of both tests.
        difference, low, high: with its interval.
        f: statistic; NaN for fixed readers, where z is used.
        df: denominator's degrees of freedom; infinite for fixed readers.
        p: two-sided.
    """

    means: tuple[float, float]
    difference: float
    low: float
    high: float
    f: float
    df: float
    p: float


def covariances(components: np.ndarray) -> Covariances:
    """Estimate covariances of means of per-case values (accuracy, sensitivity, specificity).

    Args:
        components: (test, reader, case) values whose mean over cases is the figure of merit.
    """
    tests, readers, cases = components.shape
    matrix = np.cov(components.reshape(tests * readers, cases)) / cases
    return pooled(matrix, tests, readers)


def auc_covariances(diseased: np.ndarray, healthy: np.ndarray) -> tuple[np.ndarray, Covariances]:
    """Areas under the empirical ROC curves, and their covariances by DeLong (Biometrics 1988;44:837-845).

    Args:
        diseased: (test, reader, diseased case) ratings; higher says more disease.
        healthy: (test, reader, healthy case) ratings.

    Returns:
        (test, reader) areas and their covariances.
    """
    tests, readers, m = diseased.shape
    n = healthy.shape[2]
    wins = np.sign(diseased[..., :, None] - healthy[..., None, :]) / 2 + 0.5  # 1, 1/2 or 0
    by_diseased, by_healthy = wins.mean(axis=3), wins.mean(axis=2)
    matrix = np.cov(by_diseased.reshape(-1, m)) / m + np.cov(by_healthy.reshape(-1, n)) / n
    return wins.mean(axis=(2, 3)), pooled(matrix, tests, readers)


def pooled(matrix: np.ndarray, tests: int, readers: int) -> Covariances:
    """Mean variance and covariances of a (test x reader, test x reader) matrix, tests first."""
    grid = matrix.reshape(tests, readers, tests, readers)
    same_test = np.eye(tests, dtype=bool)[:, None, :, None] & np.ones((1, readers, 1, readers), dtype=bool)
    same_reader = np.eye(readers, dtype=bool)[None, :, None, :] & np.ones((tests, 1, tests, 1), dtype=bool)

    def mean(chosen: np.ndarray) -> float:
        return float(grid[chosen].mean()) if chosen.any() else 0.0

    return Covariances(
        variance=mean(same_test & same_reader),
        cov1=mean(~same_test & same_reader),
        cov2=mean(same_test & ~same_reader),
        cov3=mean(~same_test & ~same_reader),
    )


def random_readers(figures: np.ndarray, cov: Covariances, alpha: float = 0.05) -> Comparison:
    """Compare two tests for all readers like these: readers and cases are random.

    Args:
        figures: (2, reader) figures of merit.
        cov: their error covariances.
        alpha: 1 - confidence.
    """
    _, readers = figures.shape
    means = figures.mean(axis=1)
    ms_test = readers * ((means - means.mean()) ** 2).sum()
    interaction = figures - means[:, None] - figures.mean(axis=0)[None] + figures.mean()
    ms_interaction = (interaction**2).sum() / (readers - 1)
    denominator = ms_interaction + max(readers * (cov.cov2 - cov.cov3), 0.0)
    difference = float(means[0] - means[1])
    if denominator <= 0:
        return Comparison((float(means[0]), float(means[1])), difference, *(float("nan"),) * 5)
    df = denominator**2 / (ms_interaction**2 / (readers - 1)) if ms_interaction > 0 else np.inf
    statistic = ms_test / denominator
    half = t.isf(alpha / 2, df) * np.sqrt(2 * denominator / readers)
    p = float(f_distribution.sf(statistic, 1, df)) if np.isfinite(df) else float(2 * norm.sf(np.sqrt(statistic)))
    return Comparison(
        (float(means[0]), float(means[1])),
        difference,
        difference - half,
        difference + half,
        float(statistic),
        float(df),
        p,
    )


def fixed_readers(figures: np.ndarray, cov: Covariances, alpha: float = 0.05) -> Comparison:
    """Compare two tests for these readers alone: cases are random."""
    _, readers = figures.shape
    means = figures.mean(axis=1)
    difference = float(means[0] - means[1])
    variance = 2 / readers * (cov.variance - cov.cov1 + (readers - 1) * (cov.cov2 - cov.cov3))
    if variance <= 0:
        return Comparison((float(means[0]), float(means[1])), difference, *(float("nan"),) * 5)
    half = float(norm.isf(alpha / 2) * np.sqrt(variance))
    p = float(2 * norm.sf(abs(difference) / np.sqrt(variance)))
    return Comparison(
        (float(means[0]), float(means[1])),
        difference,
        difference - half,
        difference + half,
        float("nan"),
        float("inf"),
        p,
    )
