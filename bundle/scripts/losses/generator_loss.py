"""What G and R minimise together: the weighted sum of the terms of CTA-GAN."""

from collections.abc import Mapping

import torch
from torch import nn


class GeneratorLoss(nn.Module):
    """Weighted sum of similarity, highlight, smoothness and adversarial loss (Lyu et al. 2023).

    Args:
        similarity: compares the warped synthetic with the acquired CTA.
        highlight: the same where contrast makes bright; it sees the NCCT too.
        smoothness: of the flow.
        adversarial: of scores and whether they belong to real slices.
        weights: a weight for each of the four, by name; a term of weight 0 is not computed.
    """

    def __init__(
        self,
        similarity: nn.Module,
        highlight: nn.Module,
        smoothness: nn.Module,
        adversarial: nn.Module,
        weights: Mapping[str, float],
    ) -> None:
        super().__init__()
        self.similarity = similarity
        self.highlight = highlight
        self.smoothness = smoothness
        self.adversarial = adversarial
        self.weights = dict(weights)

    def forward(self, images: Mapping[str, torch.Tensor], scores: torch.Tensor | None) -> dict[str, torch.Tensor]:
        """Score a step.

        Args:
            images: normalised "ncct", "cta" and "warped", shape (B, 1, H, W), and "flow_px", shape (B, 2, H, W).
            scores: the discriminator's answer to the synthetic slices, shape (B, scales); None without one.

        Returns:
            Scalars "<term>_loss" before weighting, 0 for a term that is left out, and their weighted sum "loss".
        """
        terms = {
            "similarity": lambda: self.similarity(images["warped"], images["cta"]),
            "highlight": lambda: self.highlight(images["warped"], images["cta"], images["ncct"]),
            "smoothness": lambda: self.smoothness(images["flow_px"]),
            "adversarial": lambda: self.adversarial(scores, is_real=True),
        }
        if scores is None:
            del terms["adversarial"]
        zero = images["warped"].new_zeros(())
        losses = {name: term() if self.weights[name] else zero for name, term in terms.items()}
        total = sum(self.weights[name] * loss for name, loss in losses.items())
        return {"loss": total, "adversarial_loss": zero} | {f"{name}_loss": loss for name, loss in losses.items()}
