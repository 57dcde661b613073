"""The training engines."""

from scripts.engines.cycle_gan_trainer import CycleGANTrainer
from scripts.engines.paired_gan_trainer import PairedGANTrainer

__all__ = ["CycleGANTrainer", "PairedGANTrainer"]
