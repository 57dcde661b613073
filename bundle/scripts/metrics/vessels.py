"""Vessel metrics: what whole-image scores hide, because background dominates them."""

import numpy as np

from scripts.structures import Structure

FALSE_ENHANCEMENT_HU = 100.0


def lumen_error_hu(synthetic_hu: np.ndarray, cta_hu: np.ndarray, structures: np.ndarray) -> float:
    """Mean absolute HU error in the arterial lumen; NaN where there is none.

    Args:
        synthetic_hu: synthetic volume in HU, any shape.
        cta_hu: true volume in HU, the same shape.
        structures: labels of `Structure`, the same shape.
    """
    lumen = structures == Structure.ARTERIAL_LUMEN
    return float(np.abs(synthetic_hu[lumen] - cta_hu[lumen]).mean(dtype=np.float64)) if lumen.any() else float("nan")


def false_enhancement(synthetic_hu: np.ndarray, ncct_hu: np.ndarray, structures: np.ndarray) -> float:
    """Share of body voxels outside all enhancing structures that are raised by more than 100 HU over the NCCT."""
    plain_tissue = structures == Structure.BODY
    raised = synthetic_hu[plain_tissue] - ncct_hu[plain_tissue] > FALSE_ENHANCEMENT_HU
    return float(raised.mean()) if raised.size else float("nan")
