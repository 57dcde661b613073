"""Takes over checkpoints of the released CTA-GAN."""

from studies.release.bundle import write_bundle
from studies.release.checkpoint import CheckpointMismatch, read_checkpoint

__all__ = ["CheckpointMismatch", "read_checkpoint", "write_bundle"]
