"""The losses of CTA-GAN as pure modules; their weights are config values."""

from scripts.losses.flow_smoothness import FlowSmoothnessLoss
from scripts.losses.generator_loss import GeneratorLoss
from scripts.losses.highlight import HighlightLoss
from scripts.losses.least_squares import LeastSquaresLoss

__all__ = ["FlowSmoothnessLoss", "GeneratorLoss", "HighlightLoss", "LeastSquaresLoss"]
