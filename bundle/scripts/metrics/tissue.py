"""What must not change: tissue without enhancement, and calcium."""

import numpy as np
from scipy.ndimage import label

from scripts.structures import Structure

FALSE_ENHANCEMENT_HU = 100.0
CALCIUM_HU = 130.0
_SMALLEST_CALCIUM_VOXELS = 4


def false_enhancement(synthetic_hu: np.ndarray, ncct_hu: np.ndarray, structures: np.ndarray) -> float:
    """Share of body voxels outside all enhancing structures that are raised by more than 100 HU over the NCCT.

    Args:
        synthetic_hu: synthetic volume in HU, any shape.
        ncct_hu: volume without contrast in HU, the same shape.
        structures: labels of `Structure`, the same shape.
    """
    plain_tissue = structures == Structure.BODY
    raised = synthetic_hu[plain_tissue] - ncct_hu[plain_tissue] > FALSE_ENHANCEMENT_HU
    return float(raised.mean()) if raised.size else float("nan")


def calcium_kept(synthetic_hu: np.ndarray, ncct_hu: np.ndarray, zone: np.ndarray) -> float:
    """Share of the calcium of the NCCT (130 HU or more) that is at 130 HU or more in the synthetic volume too.

    Parts of fewer than 4 voxels are noise and do not count; NaN where there is no calcium.

    Args:
        synthetic_hu: synthetic volume in HU, shape (X, Y, Z).
        ncct_hu: volume without contrast in HU, the same shape.
        zone: mask to look in, the same shape: the vessels and their walls.
    """
    parts, _ = label(zone & (ncct_hu >= CALCIUM_HU))
    large = np.bincount(parts.ravel()) >= _SMALLEST_CALCIUM_VOXELS
    large[0] = False
    kept = synthetic_hu[large[parts]] >= CALCIUM_HU
    return float(kept.mean()) if kept.size else float("nan")
