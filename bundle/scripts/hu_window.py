"""The HU window of the networks: which HU -1 and 1 stand for."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch

Values = TypeVar("Values", float, np.ndarray, torch.Tensor)


class HUWindow:
    """Linear map between HU and the networks' values in [-1, 1].

    Args:
        hu_range: HU that -1 and 1 stand for.
    """

    def __init__(self, hu_range: Sequence[float]) -> None:
        self.hu_min, hu_max = hu_range
        self.hu_per_unit = (hu_max - self.hu_min) / 2

    def to_hu(self, norm: Values) -> Values:
        """Map normalised values to HU, any shape."""
        return (norm + 1) * self.hu_per_unit + self.hu_min

    def to_norm(self, hu: Values) -> Values:
        """Map HU to normalised values, any shape."""
        return (hu - self.hu_min) / self.hu_per_unit - 1
