"""Flicker from slice to slice."""

import numpy as np


def z_consistency(synthetic_hu: np.ndarray, cta_hu: np.ndarray, mask: np.ndarray) -> float:
    """Mean absolute difference between neighbouring slices, synthetic over real; 1 is as smooth as the real scan.

    Args:
        synthetic_hu: synthetic volume in HU, shape (X, Y, Z), slices last.
        cta_hu: true volume in HU, the same shape.
        mask: voxels that count where they and their neighbour are in it, the same shape.

    Returns:
        The ratio; NaN where no two neighbours are in the mask.
    """
    both = mask[..., 1:] & mask[..., :-1]
    synthetic_step, real_step = (
        np.abs(volume[..., 1:][both] - volume[..., :-1][both]).mean(dtype=np.float64) if both.any() else np.nan
        for volume in (synthetic_hu, cta_hu)
    )
    return float(synthetic_step / real_step) if real_step else float("nan")
