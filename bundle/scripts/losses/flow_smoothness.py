"""Smoothness of the registration flow."""

import torch
from torch import nn


class FlowSmoothnessLoss(nn.Module):
    """Mean squared forward difference of the flow over both axes (Lyu et al. 2023)."""

    def forward(self, flow_px: torch.Tensor) -> torch.Tensor:
        """Score a flow.

        Args:
            flow_px: flow in pixels, shape (B, 2, H, W).

        Returns:
            A scalar in squared pixels per pixel.
        """
        along_rows = flow_px.diff(dim=2).square().mean()
        along_columns = flow_px.diff(dim=3).square().mean()
        return (along_rows + along_columns) / 2
