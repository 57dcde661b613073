"""Handlers of the training engine: progress, figures, pictures, seeds, learning rate, checkpoints."""

from scripts.handlers.best_generator import BestGenerator
from scripts.handlers.checkpoints import latest_checkpoint
from scripts.handlers.epoch_seed import EpochSeed
from scripts.handlers.learning_rate import linear_decay
from scripts.handlers.progress import Progress
from scripts.handlers.slice_pictures import SlicePictures
from scripts.handlers.training_figures import training_figures

__all__ = [
    "BestGenerator",
    "EpochSeed",
    "Progress",
    "SlicePictures",
    "latest_checkpoint",
    "linear_decay",
    "training_figures",
]
