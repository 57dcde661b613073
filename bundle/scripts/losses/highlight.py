"""Voxel loss over what contrast makes bright."""

from collections.abc import Sequence

import torch
from torch import nn

from scripts.hu_window import HUWindow


class HighlightLoss(nn.Module):
    """Mean absolute error over the highlight region of the CTA, averaged over the region's own area in each slice.

    The region is what is bright in the vessel window (centre 50, width 400, value at least 0.3 in [-1, 1], that is
    111 HU) in the acquired CTA (Lyu et al. 2023, stage 2). Bone and calcium, bright in the NCCT already, are left out.
    Slice by slice, so that two carotid arteries weigh as much as a heart.

    Args:
        hu_range: HU that -1 and 1 stand for.
        threshold_hu: lower bound of bright.
        leave_out_bright_ncct: leave out what is bright in the NCCT too.
    """

    def __init__(
        self, hu_range: Sequence[float], threshold_hu: float = 111.0, leave_out_bright_ncct: bool = True
    ) -> None:
        super().__init__()
        self.threshold_norm = HUWindow(hu_range).to_norm(threshold_hu)
        self.leave_out_bright_ncct = leave_out_bright_ncct

    def forward(self, warped_norm: torch.Tensor, cta_norm: torch.Tensor, ncct_norm: torch.Tensor) -> torch.Tensor:
        """Score a batch; zero where nothing is bright.

        Args:
            warped_norm: warped synthetic slices, normalised, shape (B, 1, H, W).
            cta_norm: acquired CTA slices, the same shape.
            ncct_norm: NCCT slices, the same shape.
        """
        region = cta_norm >= self.threshold_norm
        if self.leave_out_bright_ncct:
            region = region & (ncct_norm < self.threshold_norm)
        error = ((warped_norm - cta_norm).abs() * region).sum(dim=(1, 2, 3))  # (B,)
        return (error / region.sum(dim=(1, 2, 3)).clamp(min=1)).mean()
