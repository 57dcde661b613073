"""The losses of CTA-GAN and its baselines as pure modules; their weights are config values."""

from scripts.losses.cycle_gan_loss import CycleGANLoss
from scripts.losses.flow_smoothness import FlowSmoothnessLoss
from scripts.losses.generator_loss import GeneratorLoss
from scripts.losses.highlight import HighlightLoss
from scripts.losses.known_enhancement import KnownEnhancementLoss
from scripts.losses.least_squares import LeastSquaresLoss
from scripts.losses.partial_label import PartialLabelLoss

__all__ = [
    "CycleGANLoss",
    "FlowSmoothnessLoss",
    "GeneratorLoss",
    "HighlightLoss",
    "KnownEnhancementLoss",
    "LeastSquaresLoss",
    "PartialLabelLoss",
]
