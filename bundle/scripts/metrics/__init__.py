"""Metrics of a synthetic against a true CTA volume, as shared by training, tables and benchmarks."""

from scripts.metrics.image import nmae, psnr_db, ssim
from scripts.metrics.patient_mean import PatientMean
from scripts.metrics.vessels import false_enhancement, lumen_error_hu

__all__ = ["PatientMean", "false_enhancement", "lumen_error_hu", "nmae", "psnr_db", "ssim"]
