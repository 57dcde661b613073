"""The training engine."""

from scripts.engines.paired_gan_trainer import PairedGANTrainer

__all__ = ["PairedGANTrainer"]
