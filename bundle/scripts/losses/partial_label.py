"""Segmentation loss where the class of a voxel is known only in part."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional


class PartialLabelLoss(nn.Module):
    """Marginal cross-entropy plus soft Dice of single classes, for voxels that may belong to one of several classes.

    A contrast CT shows where its arteries are, but not whether other soft tissue is oesophagus or muscle. The
    probabilities of all classes that a voxel may have are summed before the logarithm (Shi et al., Medical Image
    Analysis 2021;70:101979).

    Args:
        class_weights: weight of a voxel whose class is known, by class; a voxel that may have several takes their
            smallest weight.
        dice_classes: classes with a Dice term; voxels that may or may not belong to them are left out of it.
        dice_weight: weight of the mean Dice loss beside the cross-entropy.
    """

    def __init__(self, class_weights: Sequence[float], dice_classes: Sequence[int], dice_weight: float = 1.0) -> None:
        super().__init__()
        self.register_buffer("class_weights", torch.tensor(class_weights, dtype=torch.float32))
        self.dice_classes = list(dice_classes)
        self.dice_weight = dice_weight

    def forward(self, logits: torch.Tensor, possible: torch.Tensor) -> torch.Tensor:
        """Score a batch.

        Args:
            logits: of the classes, shape (B, C, D, H, W).
            possible: bit mask of the classes that each voxel may have, integers, shape (B, 1, D, H, W); a voxel with
                all of them does not count.
        """
        logits = logits.float()
        classes = torch.arange(logits.shape[1], device=logits.device).view(1, -1, 1, 1, 1)
        allowed = (possible >> classes) & 1 == 1  # (B, C, D, H, W)
        known = ~allowed.all(dim=1)  # (B, D, H, W)
        log_probability = functional.log_softmax(logits, dim=1)
        surprise = -log_probability.masked_fill(~allowed, float("-inf")).logsumexp(dim=1)  # (B, D, H, W)
        weights = self.class_weights.view(1, -1, 1, 1, 1).expand_as(logits).masked_fill(~allowed, float("inf"))
        weights = weights.amin(dim=1) * known
        cross_entropy = (surprise * weights).sum() / weights.sum().clamp(min=1)
        if not self.dice_weight:
            return cross_entropy
        dice = torch.stack([self._dice(log_probability[:, c].exp(), allowed, c) for c in self.dice_classes]).mean()
        return cross_entropy + self.dice_weight * dice

    def _dice(self, probability: torch.Tensor, allowed: torch.Tensor, organ: int) -> torch.Tensor:
        """Dice loss of one class over the batch, where it is known."""
        truth = allowed[:, organ] & (allowed.sum(dim=1) == 1)  # (B, D, H, W)
        decided = truth | ~allowed[:, organ]
        overlap = (probability * truth).sum()
        return 1 - (2 * overlap + 100) / ((probability * decided).sum() + truth.sum() + 100)
