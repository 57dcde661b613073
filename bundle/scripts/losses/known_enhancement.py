"""Voxel loss of the generator on aligned pairs whose CTA is known in part."""

from collections.abc import Sequence

import torch
from torch import nn

from scripts.hu_window import HUWindow


class KnownEnhancementLoss(nn.Module):
    """Ten times the mean absolute error over what is known, plus that over what is enhanced, by its own area.

    Args:
        hu_range: HU that -1 and 1 stand for.
        highlight_weight: weight of the enhanced area.
        highlight_hu: enhancement above which a pixel belongs to it.
    """

    def __init__(self, hu_range: Sequence[float], highlight_weight: float = 0.3, highlight_hu: float = 40.0) -> None:
        super().__init__()
        self.hu_per_unit = HUWindow(hu_range).hu_per_unit
        self.highlight_weight = highlight_weight
        self.highlight_hu = highlight_hu

    def forward(self, synthetic_norm: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """Score a batch, in hundreds of HU.

        Args:
            synthetic_norm: (B, 1, H, W).
            label: normalised NCCT and CTA, and 1 where the CTA is known, (B, 3, H, W).
        """
        ncct_norm, cta_norm, known = label.split(1, dim=1)
        error = (synthetic_norm - cta_norm).abs() * (self.hu_per_unit / 100)
        bright = known * ((cta_norm - ncct_norm) * self.hu_per_unit > self.highlight_hu)
        everywhere = (error * known).sum() / known.sum().clamp(min=1)
        area = bright.sum(dim=(1, 2, 3))
        of_slices = (error * bright).sum(dim=(1, 2, 3)) / area.clamp(min=50)
        return 10 * everywhere + self.highlight_weight * of_slices.mean()
