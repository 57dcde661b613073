"""Windows of HU: what the networks see as -1 and 1, and what a picture shows as black and white."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch

Values = TypeVar("Values", float, np.ndarray, torch.Tensor)


class HUWindow:
    """Linear map of a range of HU to the networks' values in [-1, 1], or to grey values.

    Args:
        hu_range: HU that -1 and 1, or black and white, stand for.
    """

    def __init__(self, hu_range: Sequence[float]) -> None:
        self.hu_min, self.hu_max = hu_range
        self.hu_per_unit = (self.hu_max - self.hu_min) / 2

    @classmethod
    def centred(cls, centre_hu: float, width_hu: float) -> "HUWindow":
        """The window that a viewer names by centre and width."""
        return cls((centre_hu - width_hu / 2, centre_hu + width_hu / 2))

    @property
    def range_hu(self) -> tuple[float, float]:
        """HU shown as black and as white."""
        return self.hu_min, self.hu_max

    def to_hu(self, norm: Values) -> Values:
        """Map normalised values to HU, any shape."""
        return (norm + 1) * self.hu_per_unit + self.hu_min

    def to_norm(self, hu: Values) -> Values:
        """Map HU to normalised values, any shape."""
        return (hu - self.hu_min) / self.hu_per_unit - 1

    def grey(self, volume_hu: np.ndarray) -> np.ndarray:
        """Map HU to 8-bit grey values, any shape."""
        return (np.clip((volume_hu - self.hu_min) / (self.hu_max - self.hu_min), 0, 1) * 255).astype(np.uint8)


CTA_WINDOW = HUWindow.centred(300, 600)
SOFT_TISSUE_WINDOW = HUWindow.centred(40, 400)
