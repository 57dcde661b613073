"""Least-squares adversarial loss."""

import torch
from torch import nn


class LeastSquaresLoss(nn.Module):
    """Mean squared distance of the discriminator's scores to 1 (real) or 0 (synthetic) (Mao et al., ICCV 2017)."""

    def forward(self, scores: torch.Tensor, is_real: bool) -> torch.Tensor:
        """Score the discriminator's answer.

        Args:
            scores: shape (B, 1).
            is_real: what the scores ought to say.
        """
        return (scores - float(is_real)).square().mean()
