"""Handlers of the training engine: progress, figures, pictures, seeds, learning rate, average, checkpoints, data."""

from scripts.handlers.best_generator import BestGenerator
from scripts.handlers.checkpoints import Checkpoints, check_output, holds_run, latest_checkpoint, stage1_checkpoint
from scripts.handlers.generator_average import GeneratorAverage
from scripts.handlers.learning_rate import LinearDecay
from scripts.handlers.network_shapes import NetworkShapes
from scripts.handlers.progress import Progress
from scripts.handlers.slice_pictures import SlicePictures
from scripts.handlers.step_seed import StepSeed, seed_run
from scripts.handlers.stop_signal import StopSignal, leave_signals_to_trainer
from scripts.handlers.training_data import TrainingData
from scripts.handlers.training_figures import training_figures

__all__ = [
    "BestGenerator",
    "Checkpoints",
    "GeneratorAverage",
    "LinearDecay",
    "NetworkShapes",
    "Progress",
    "SlicePictures",
    "StepSeed",
    "StopSignal",
    "TrainingData",
    "check_output",
    "holds_run",
    "latest_checkpoint",
    "leave_signals_to_trainer",
    "seed_run",
    "stage1_checkpoint",
    "training_figures",
]
