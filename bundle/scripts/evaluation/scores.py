"""Scores one volume of one patient by every measure."""

import numpy as np

from scripts import metrics
from scripts.evaluation.truth import Truth

NAN = float("nan")


def score(volume_hu: np.ndarray, truth: Truth, convention: metrics.Convention = metrics.PAPER) -> dict[str, float]:
    """Score a synthetic volume, or the NCCT itself.

    Args:
        volume_hu: volume in HU, cropped by `Truth.crop`, shape (X, Y, Z).
        truth: what it is scored against.
        convention: of the image metrics.

    Returns:
        Values by the keys of `scripts.evaluation.measures`; NaN where a measure is undefined.
    """
    return {
        **_image(volume_hu, truth, convention),
        **_lumen(volume_hu, truth),
        **_vessels(volume_hu, truth),
        "false_enhancement": metrics.false_enhancement(volume_hu, truth.ncct_hu, truth.structures),
    }


def vessel_means(volume_hu: np.ndarray, truth: Truth) -> list[dict[str, float]]:
    """Mean HU of every vessel: NCCT, synthetic and true; arguments as for `score`."""
    voxel_ml = float(np.prod(truth.spacing_mm)) / 1000
    rows = []
    for number in np.unique(truth.vessels[truth.vessels > 0]):
        vessel = truth.vessels == number
        means = {
            name: float(volume[vessel].mean(dtype=np.float64))
            for name, volume in (("ncct_hu", truth.ncct_hu), ("synthetic_hu", volume_hu), ("cta_hu", truth.cta_hu))
        }
        rows.append({"vessel": int(number), "volume_ml": float(vessel.sum()) * voxel_ml, **means})
    return rows


def _image(volume_hu: np.ndarray, truth: Truth, convention: metrics.Convention) -> dict[str, float]:
    pair = (volume_hu, truth.cta_hu, truth.structures, convention)
    return {
        "mae_hu": metrics.mae_hu(*pair),
        "nmae": metrics.nmae(*pair),
        "psnr_db": metrics.psnr_db(*pair),
        "ssim": metrics.ssim(*pair) if min(volume_hu.shape) >= metrics.SSIM_WINDOW else NAN,
        "ms_ssim": metrics.ms_ssim(*pair),
        "z_consistency": metrics.z_consistency(volume_hu, truth.cta_hu, truth.body),
    }


def _lumen(volume_hu: np.ndarray, truth: Truth) -> dict[str, float]:
    pair = (volume_hu, truth.cta_hu)
    errors_hu = [abs(row["synthetic_hu"] - row["cta_hu"]) for row in vessel_means(volume_hu, truth)]
    contrast = metrics.contrast_to_noise(volume_hu, truth.lumen, truth.muscle)
    real_contrast = metrics.contrast_to_noise(truth.cta_hu, truth.lumen, truth.muscle)
    return {
        "lumen_error_hu": metrics.lumen_error_hu(*pair, truth.structures),
        "lumen_bias_hu": metrics.lumen_bias_hu(*pair, truth.structures),
        "vessel_error_hu": float(np.mean(errors_hu)) if errors_hu else NAN,
        "enhancement_recovery": metrics.enhancement_recovery(*pair, truth.ncct_hu, truth.structures),
        "contrast_to_noise": contrast,
        "contrast_to_noise_ratio": contrast / real_contrast if real_contrast else NAN,
        "lumen_z_consistency": metrics.z_consistency(*pair, truth.lumen),
    }


def _vessels(volume_hu: np.ndarray, truth: Truth) -> dict[str, float]:
    if not truth.lumen.any():
        keys = ("vessel_dice", "vessel_dice_body", "cl_dice", "diameter_error_mm", "calcium_kept")
        return dict.fromkeys(keys, NAN)
    synthetic, real = truth.segment(volume_hu, truth.near_lumen), truth.real_vessels
    diameters_mm = [metrics.largest_diameter_mm(vessels, truth.spacing_mm) for vessels in (synthetic, real)]
    return {
        "vessel_dice": metrics.dice(synthetic, real),
        "vessel_dice_body": metrics.dice(
            truth.segment(volume_hu, truth.whole_body), truth.real_vessels_of_the_body
        ) if truth.structures_known else NAN,
        "cl_dice": metrics.cl_dice(synthetic, real),
        "diameter_error_mm": abs(diameters_mm[0] - diameters_mm[1]) if real.any() else NAN,
        "calcium_kept": metrics.calcium_kept(volume_hu, truth.ncct_hu, truth.wall),
    }  # fmt: skip
