"""Conventions of image metrics: data range, clipping, and the value outside the body."""

from dataclasses import dataclass

import numpy as np

from scripts.structures import Structure


@dataclass(frozen=True)
class Convention:
    """How volumes are prepared for image metrics, and the data range of these.

    Attributes:
        name: its name in tables.
        range_hu: data range of PSNR and SSIM.
        outside_hu: value of both volumes outside the body.
        clip_hu: HU both volumes are clipped to, the lower one then becoming 0; None to leave them.
        masked_ssim: SSIM sees `outside_hu` outside the body; if not, it sees what is there, such as the table.
    """

    name: str
    range_hu: float
    outside_hu: float
    clip_hu: tuple[float, float] | None = None
    masked_ssim: bool = False

    def prepare(self, volume_hu: np.ndarray) -> np.ndarray:
        """Clip a volume where the convention wants it; any shape."""
        return volume_hu if self.clip_hu is None else np.clip(volume_hu, *self.clip_hu)

    def mask(self, volume_hu: np.ndarray, structures: np.ndarray) -> np.ndarray:
        """Prepare a volume and set it to one value outside the body; any shape, float32."""
        inside = np.where(structures > Structure.OUTSIDE, self.prepare(volume_hu), self.outside_hu)
        return (inside - (self.clip_hu[0] if self.clip_hu else 0)).astype(np.float32)


PAPER = Convention("paper", range_hu=4095.0, outside_hu=-1024.0)
"""The scale of Lyu et al. 2023: 4095 HU, nothing clipped."""

SYNTHRAD = Convention(
    "synthrad", range_hu=4024.0, outside_hu=-1024.0, clip_hu=(-1024.0, 3000.0), masked_ssim=True
)  # fmt: skip
"""The SynthRAD challenges: -1024..3000 HU, -1024 outside the mask. PSNR is 0.15 dB below the paper's scale."""

CONVENTIONS = {convention.name: convention for convention in (PAPER, SYNTHRAD)}
