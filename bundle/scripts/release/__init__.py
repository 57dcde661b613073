"""Takes over checkpoints of the released CTA-GAN."""

from scripts.release.bundle import write_bundle
from scripts.release.checkpoint import CheckpointMismatch, read_checkpoint

__all__ = ["CheckpointMismatch", "read_checkpoint", "write_bundle"]
