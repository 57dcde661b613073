"""The discriminator of stage 2: a patch discriminator for the whole slice, and one for its centre."""

import torch
from torch import nn

from scripts.networks.patch_discriminator import PatchDiscriminator


class MultiScaleDiscriminator(nn.Module):
    """Patch networks with weights of their own on the slice and on its centre crop of half the side (Lyu et al. 2023).

    The crop keeps the resolution, where other multi-scale discriminators shrink the slice: it looks closely at where
    the great vessels are.

    Args:
        base_channels: channels of the first layer of each; 64 in the paper.
        in_channels: 1 for the slice alone, 2 for the NCCT beside it.
        scales: how many; each crop has half the side of the one before.
    """

    def __init__(self, base_channels: int = 64, in_channels: int = 1, scales: int = 2) -> None:
        super().__init__()
        self.scales = nn.ModuleList(PatchDiscriminator(base_channels, in_channels) for _ in range(scales))

    def forward(self, cta_norm: torch.Tensor) -> torch.Tensor:
        """Score slices: towards 1 for real CTA, towards 0 for synthetic.

        Args:
            cta_norm: normalised slices, shape (B, in_channels, H, W), sides of at least 64 pixels for two scales.

        Returns:
            Scores, shape (B, scales), the whole slice first.
        """
        return torch.cat([network(_centre(cta_norm, 2**level)) for level, network in enumerate(self.scales)], dim=1)


def _centre(slices: torch.Tensor, divisor: int) -> torch.Tensor:
    """Crop (B, C, H, W) to (B, C, H // divisor, W // divisor) around the middle."""
    height, width = slices.shape[-2] // divisor, slices.shape[-1] // divisor
    top, left = (slices.shape[-2] - height) // 2, (slices.shape[-1] - width) // 2
    return slices[..., top : top + height, left : left + width]
