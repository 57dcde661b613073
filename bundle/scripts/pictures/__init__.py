"""Pictures of slices and volumes."""

from scripts.pictures.slices import save_batch_picture, step_picture
from scripts.pictures.window import CTA_WINDOW, SOFT_TISSUE_WINDOW, Window

__all__ = ["CTA_WINDOW", "SOFT_TISSUE_WINDOW", "Window", "save_batch_picture", "step_picture"]
