"""The training engines."""

from scripts.engines.cycle_gan_trainer import CycleGANTrainer
from scripts.engines.paired_gan_trainer import PairedGANTrainer
from scripts.engines.view_trainer import ViewTrainer

__all__ = ["CycleGANTrainer", "PairedGANTrainer", "ViewTrainer"]
