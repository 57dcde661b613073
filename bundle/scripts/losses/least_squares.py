"""Least-squares adversarial loss."""

from collections.abc import Sequence

import torch
from torch import nn


class LeastSquaresLoss(nn.Module):
    """Mean squared distance of the discriminator's scores to 1 (real) or 0 (synthetic) (Mao et al., ICCV 2017).

    Args:
        scale_weights: weight of each of the discriminator's scales; the losses of the scales are added up.
    """

    def __init__(self, scale_weights: Sequence[float] = (1.0,)) -> None:
        super().__init__()
        self.scale_weights = tuple(scale_weights)

    def forward(self, scores: torch.Tensor, is_real: bool) -> torch.Tensor:
        """Score the discriminator's answer.

        Args:
            scores: shape (B, scales).
            is_real: whether the scores belong to real slices.

        Raises:
            ValueError: when there is not one weight for each scale.
        """
        if scores.shape[1] != len(self.scale_weights):
            raise ValueError(
                f"The discriminator has {scores.shape[1]} scales, scale_weights has {len(self.scale_weights)} values. "
                "Give one value for each scale."
            )
        by_scale = (scores - float(is_real)).square().mean(dim=0)  # (scales,)
        return (by_scale * by_scale.new_tensor(self.scale_weights)).sum()
