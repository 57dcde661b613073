"""What both generators of CycleGAN minimise together."""

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional


class CycleGANLoss(nn.Module):
    """Weighted sum of adversarial, cycle and identity loss (Zhu et al., ICCV 2017), each summed over both directions.

    Args:
        adversarial: of scores and whether they belong to real slices.
        weights: a weight for "adversarial", "cycle" and "identity".
    """

    def __init__(self, adversarial: nn.Module, weights: Mapping[str, float]) -> None:
        super().__init__()
        self.adversarial = adversarial
        self.weights = dict(weights)

    def forward(
        self, images: Mapping[str, torch.Tensor], scores: tuple[torch.Tensor, torch.Tensor]
    ) -> dict[str, torch.Tensor]:
        """Score a step.

        Args:
            images: normalised "ncct" and "cta", what came back through both generators as "cycled_ncct" and
                "cycled_cta", and what each generator made of its own target domain as "same_ncct" and "same_cta"; shape
                (B, 1, H, W).
            scores: the discriminators' answers to the synthetic CTA and the synthetic NCCT, shape (B, scales) each.

        Returns:
            Scalars "<term>_loss" before weighting, and their weighted sum "loss".
        """
        losses = {
            "adversarial": sum(self.adversarial(answer, is_real=True) for answer in scores),
            "cycle": self._l1_distance(images, "cycled"),
            "identity": self._l1_distance(images, "same"),
        }
        total = sum(self.weights[name] * loss for name, loss in losses.items())
        return {"loss": total} | {f"{name}_loss": loss for name, loss in losses.items()}

    @staticmethod
    def _l1_distance(images: Mapping[str, torch.Tensor], prefix: str) -> torch.Tensor:
        return sum(functional.l1_loss(images[f"{prefix}_{name}"], images[name]) for name in ("ncct", "cta"))
