"""Image metrics inside the body, data range 4095 HU (the paper's scale)."""

import numpy as np
from skimage.metrics import structural_similarity

from scripts.structures import Structure

DATA_RANGE_HU = 4095.0


def nmae(synthetic_hu: np.ndarray, cta_hu: np.ndarray, structures: np.ndarray) -> float:
    """Mean absolute error inside the body over 4095 HU.

    Args:
        synthetic_hu: synthetic volume in HU, any shape.
        cta_hu: true volume in HU, the same shape.
        structures: labels of `Structure`, the same shape.
    """
    body = structures > Structure.OUTSIDE
    return float(np.abs(synthetic_hu[body] - cta_hu[body]).mean(dtype=np.float64)) / DATA_RANGE_HU


def psnr_db(synthetic_hu: np.ndarray, cta_hu: np.ndarray, structures: np.ndarray) -> float:
    """Peak signal-to-noise ratio inside the body in dB; arguments as for `nmae`."""
    body = structures > Structure.OUTSIDE
    mean_square = float(np.square(synthetic_hu[body] - cta_hu[body]).mean(dtype=np.float64))
    return float(10 * np.log10(DATA_RANGE_HU**2 / mean_square)) if mean_square else float("inf")


def ssim(synthetic_hu: np.ndarray, cta_hu: np.ndarray, structures: np.ndarray) -> float:
    """Structural similarity, 3-D window of 7 voxels, its map averaged inside the body; arguments as for `nmae`.

    Raises:
        ValueError: by scikit-image, when a side is below 7 voxels.
    """
    _, similarity = structural_similarity(synthetic_hu, cta_hu, win_size=7, data_range=DATA_RANGE_HU, full=True)
    return float(similarity[structures > Structure.OUTSIDE].mean(dtype=np.float64))
