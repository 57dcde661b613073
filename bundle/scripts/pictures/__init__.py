"""Pictures of slices and volumes."""

from scripts.pictures.slices import save_batch_picture, step_picture

__all__ = ["save_batch_picture", "step_picture"]
