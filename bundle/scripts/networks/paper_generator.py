"""The generator of the CTA-GAN paper: a ResNet with nine residual blocks, normalised slice in and out."""

import torch
from torch import nn
from torch.nn import functional


class _ResidualBlock(nn.Module):
    """Two reflection-padded 3 x 3 convolutions with instance norm; the input is added to the result."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3),
            nn.InstanceNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features + self.conv_block(features)


class PaperGenerator(nn.Module):
    """Generator of Lyu et al., Radiology 2023;309(2):e230681: 11.37 M parameters at `base_channels` 64.

    The module names are those of the released checkpoints (`netG_A2B_*.pth`), so that their state dicts load unchanged.

    Args:
        base_channels: channels of the first layer; 64 in the paper.
        blocks: number of residual blocks; 9 in the paper.
        context_slices: neighbouring slices seen on each side; none in the paper and in the released checkpoints.
    """

    _STRIDE = 4

    def __init__(self, base_channels: int = 64, blocks: int = 9, context_slices: int = 0) -> None:
        super().__init__()
        self.context_slices = context_slices
        wide, wider = 2 * base_channels, 4 * base_channels
        self.model_head = nn.Sequential(
            nn.ReflectionPad2d(3),
            nn.Conv2d(2 * context_slices + 1, base_channels, 7),
            nn.InstanceNorm2d(base_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(base_channels, wide, 3, stride=2, padding=1),
            nn.InstanceNorm2d(wide),
            nn.ReLU(inplace=True),
            nn.Conv2d(wide, wider, 3, stride=2, padding=1),
            nn.InstanceNorm2d(wider),
            nn.ReLU(inplace=True),
        )
        self.model_body = nn.Sequential(*(_ResidualBlock(wider) for _ in range(blocks)))
        self.model_tail = nn.Sequential(
            nn.ConvTranspose2d(wider, wide, 3, stride=2, padding=1, output_padding=1),
            nn.InstanceNorm2d(wide),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(wide, base_channels, 3, stride=2, padding=1, output_padding=1),
            nn.InstanceNorm2d(base_channels),
            nn.ReLU(inplace=True),
            nn.ReflectionPad2d(3),
            nn.Conv2d(base_channels, 1, 7),
            nn.Tanh(),
        )

    def forward(self, ncct_norm: torch.Tensor) -> torch.Tensor:
        """Synthesise normalised CTA slices.

        Args:
            ncct_norm: normalised NCCT slices in [-1, 1] with their neighbours, shape (B, 2 * context_slices + 1, H, W).
                Sides that are not a multiple of 4 are padded by reflection and cropped back.

        Returns:
            Normalised synthetic CTA in [-1, 1], float32, shape (B, 1, H, W).
        """
        height, width = ncct_norm.shape[-2:]
        padding = (0, -width % self._STRIDE, 0, -height % self._STRIDE)
        features = self.model_head(functional.pad(ncct_norm, padding, mode="reflect"))  # (B, 256, H/4, W/4)
        upsampled = self.model_tail[:-2](self.model_body(features))  # (B, 64, H, W)
        # A half-precision output has steps of 8 HU or more at the ends of the window: the last layer stays float32.
        with torch.autocast(ncct_norm.device.type, enabled=False):
            synthetic_norm = self.model_tail[-2:](upsampled.float())
        return synthetic_norm[..., :height, :width]
