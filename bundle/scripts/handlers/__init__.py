"""Handlers of the training engine: progress, figures, pictures, seeds, learning rate, checkpoints."""

from scripts.handlers.best_generator import BestGenerator
from scripts.handlers.checkpoints import check_output, latest_checkpoint
from scripts.handlers.epoch_seed import EpochSeed
from scripts.handlers.learning_rate import LinearDecay
from scripts.handlers.progress import Progress
from scripts.handlers.slice_pictures import SlicePictures
from scripts.handlers.training_figures import training_figures

__all__ = [
    "BestGenerator",
    "EpochSeed",
    "LinearDecay",
    "Progress",
    "SlicePictures",
    "check_output",
    "latest_checkpoint",
    "training_figures",
]
