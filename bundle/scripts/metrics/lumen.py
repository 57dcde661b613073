"""HU in the arterial lumen: error, bias, recovery of the enhancement, contrast."""

import numpy as np

from scripts.structures import Structure


def lumen_error_hu(synthetic_hu: np.ndarray, cta_hu: np.ndarray, structures: np.ndarray) -> float:
    """Mean absolute HU error in the arterial lumen; NaN where there is none.

    It includes the noise of both scans, so it is not 0 even at a perfect level.

    Args:
        synthetic_hu: synthetic volume in HU, any shape.
        cta_hu: true volume in HU, the same shape.
        structures: labels of `Structure`, the same shape.
    """
    lumen = structures == Structure.ARTERIAL_LUMEN
    return float(np.abs(synthetic_hu[lumen] - cta_hu[lumen]).mean(dtype=np.float64)) if lumen.any() else float("nan")


def lumen_bias_hu(synthetic_hu: np.ndarray, cta_hu: np.ndarray, structures: np.ndarray) -> float:
    """Mean HU in the arterial lumen, synthetic minus true; arguments as for `lumen_error_hu`."""
    lumen = structures == Structure.ARTERIAL_LUMEN
    return _mean(synthetic_hu[lumen]) - _mean(cta_hu[lumen])


def enhancement_recovery(
    synthetic_hu: np.ndarray, cta_hu: np.ndarray, ncct_hu: np.ndarray, structures: np.ndarray
) -> float:
    """Share of the lumen's enhancement that is reproduced: mean (synthetic - NCCT) over mean (true - NCCT).

    Other arguments as for `lumen_error_hu`.

    Args:
        ncct_hu: volume without contrast in HU, the same shape.
    """
    lumen = structures == Structure.ARTERIAL_LUMEN
    plain_hu = _mean(ncct_hu[lumen])
    enhancement_hu = _mean(cta_hu[lumen]) - plain_hu
    return (_mean(synthetic_hu[lumen]) - plain_hu) / enhancement_hu if enhancement_hu else float("nan")


def contrast_to_noise(volume_hu: np.ndarray, lumen: np.ndarray, muscle: np.ndarray) -> float:
    """Contrast-to-noise ratio: mean of the lumen minus mean of the muscle, over the muscle's standard deviation.

    Args:
        volume_hu: volume in HU, any shape.
        lumen: mask, the same shape.
        muscle: mask of tissue that is compared with, the same shape.
    """
    noise_hu = float(volume_hu[muscle].std(dtype=np.float64)) if muscle.any() else float("nan")
    return (_mean(volume_hu[lumen]) - _mean(volume_hu[muscle])) / noise_hu if noise_hu else float("nan")


def _mean(values: np.ndarray) -> float:
    return float(values.mean(dtype=np.float64)) if values.size else float("nan")
