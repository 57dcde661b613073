"""Diagnoses against the truth: confusion matrix, accuracy, macro-F1, sensitivity and specificity."""

import numpy as np

from app.reading.statistics.proportions import Share, wilson


def accuracy(confusion: np.ndarray, alpha: float = 0.05) -> Share:
    """Share of right diagnoses of a (truth, diagnosis) table."""
    return wilson(int(np.trace(confusion)), int(confusion.sum()), alpha)


def macro_f1(confusions: np.ndarray) -> np.ndarray:
    """Mean F1 of the diseases that occur in truth or diagnosis, of (..., truth, diagnosis) tables."""
    right = np.diagonal(confusions, axis1=-2, axis2=-1)
    named = confusions.sum(axis=-2) + confusions.sum(axis=-1)
    occurs = named > 0
    f1 = np.where(occurs, 2 * right / np.where(occurs, named, 1), 0.0)
    return f1.sum(axis=-1) / occurs.sum(axis=-1)


def sensitivity(confusion: np.ndarray, disease: int, alpha: float = 0.05) -> Share:
    """Share of those with a disease who are diagnosed with it."""
    return wilson(int(confusion[disease, disease]), int(confusion[disease].sum()), alpha)


def specificity(confusion: np.ndarray, disease: int, alpha: float = 0.05) -> Share:
    """Share of those without a disease who are not diagnosed with it."""
    others = np.delete(confusion, disease, axis=0)
    total = int(others.sum())
    return wilson(total - int(others[:, disease].sum()), total, alpha)
