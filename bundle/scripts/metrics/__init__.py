"""Metrics of a synthetic against a true CTA volume, as shared by training, tables and benchmarks."""

from scripts.metrics.body import body_structures
from scripts.metrics.convention import CONVENTIONS, PAPER, SYNTHRAD, Convention
from scripts.metrics.image import SSIM_WINDOW, mae_hu, ms_ssim, nmae, psnr_db, ssim
from scripts.metrics.lumen import contrast_to_noise, enhancement_recovery, lumen_bias_hu, lumen_error_hu
from scripts.metrics.patient_mean import PatientMean
from scripts.metrics.tissue import calcium_kept, false_enhancement
from scripts.metrics.vessels import cl_dice, dice, largest_diameter_mm, segment_vessels
from scripts.metrics.z_consistency import z_consistency

__all__ = [
    "CONVENTIONS",
    "PAPER",
    "SSIM_WINDOW",
    "SYNTHRAD",
    "Convention",
    "PatientMean",
    "body_structures",
    "calcium_kept",
    "cl_dice",
    "contrast_to_noise",
    "dice",
    "enhancement_recovery",
    "false_enhancement",
    "largest_diameter_mm",
    "lumen_bias_hu",
    "lumen_error_hu",
    "mae_hu",
    "ms_ssim",
    "nmae",
    "psnr_db",
    "segment_vessels",
    "ssim",
    "z_consistency",
]
