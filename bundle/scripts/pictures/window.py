"""Display windows of CT."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Window:
    """A linear display window in HU."""

    centre_hu: float
    width_hu: float

    @property
    def range_hu(self) -> tuple[float, float]:
        """HU shown as black and as white."""
        return self.centre_hu - self.width_hu / 2, self.centre_hu + self.width_hu / 2

    def grey(self, volume_hu: np.ndarray) -> np.ndarray:
        """Map HU to 8-bit grey values, any shape."""
        black_hu, white_hu = self.range_hu
        return (np.clip((volume_hu - black_hu) / (white_hu - black_hu), 0, 1) * 255).astype(np.uint8)


CTA_WINDOW = Window(centre_hu=300, width_hu=600)
SOFT_TISSUE_WINDOW = Window(centre_hu=40, width_hu=400)
