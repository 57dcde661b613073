"""The patch discriminator of CTA-GAN: a normalised slice in, one score per slice out."""

import torch
from torch import nn


class PatchDiscriminator(nn.Module):
    """Five 4 x 4 convolutions, their patch map averaged to one number (Lyu et al. 2023): 2.76 M parameters at 64.

    Args:
        base_channels: channels of the first layer; 64 in the paper.
        in_channels: 1 for the slice alone, 2 for the NCCT beside it (pix2pix).
    """

    def __init__(self, base_channels: int = 64, in_channels: int = 1) -> None:
        super().__init__()
        widths = [base_channels, 2 * base_channels, 4 * base_channels, 8 * base_channels]
        layers: list[nn.Module] = [nn.Conv2d(in_channels, widths[0], 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        for narrow, wide, stride in zip(widths[:-1], widths[1:], (2, 2, 1), strict=True):
            layers += [
                nn.Conv2d(narrow, wide, 4, stride=stride, padding=1),
                nn.InstanceNorm2d(wide),
                nn.LeakyReLU(0.2),
            ]
        layers.append(nn.Conv2d(widths[-1], 1, 4, padding=1))
        self.patches = nn.Sequential(*layers)

    def forward(self, cta_norm: torch.Tensor) -> torch.Tensor:
        """Score slices: towards 1 for real CTA, towards 0 for synthetic.

        Args:
            cta_norm: normalised slices, shape (B, in_channels, H, W), sides of at least 32 pixels.

        Returns:
            Scores, shape (B, 1).
        """
        patch_scores = self.patches(cta_norm)  # (B, 1, H/8 - 2, W/8 - 2)
        return patch_scores.float().mean(dim=(2, 3))  # (B, 1)
