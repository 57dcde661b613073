"""The registration network R of CTA-GAN: predicts the in-plane flow from the synthetic to the acquired CTA."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

_LEAK = 0.2


class _ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions without norm; the input is added to the result."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.LeakyReLU(_LEAK),
            nn.Conv2d(channels, channels, 3, padding=1),
        )

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return functional.leaky_relu(features + self.convolutions(features), _LEAK)


def _convolution(in_channels: int, out_channels: int, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2), nn.LeakyReLU(_LEAK))


class RegistrationNetwork(nn.Module):
    """Residual U-Net of Lyu et al. 2023 on the pair (synthetic CTA, acquired CTA): 2.06 M parameters by default.

    Args:
        channels: channels of the levels from the finest to the coarsest, each followed by 2 x 2 max-pooling.
        bottleneck_channels: channels at the bottom.
        bottleneck_blocks: residual blocks at the bottom.
        scale: the network works on slices averaged over blocks of this side; 1 in the paper. The flow is smooth, so 2
            quarters the cost at hardly any loss.
    """

    def __init__(
        self,
        channels: Sequence[int] = (32, 64, 64, 64, 64, 64, 64),
        bottleneck_channels: int = 128,
        bottleneck_blocks: int = 3,
        scale: int = 1,
    ) -> None:
        super().__init__()
        self.scale = scale
        inputs = (2, *channels[:-1])
        self.down = nn.ModuleList(
            nn.Sequential(_convolution(narrow, wide), _ResidualBlock(wide))
            for narrow, wide in zip(inputs, channels, strict=True)
        )
        self.bottleneck = nn.Sequential(
            _convolution(channels[-1], bottleneck_channels, kernel=1),
            *(_ResidualBlock(bottleneck_channels) for _ in range(bottleneck_blocks)),
            _convolution(bottleneck_channels, channels[-1], kernel=1),
        )
        skips = tuple(reversed(channels))
        below = (channels[-1], *skips[:-1])
        self.up = nn.ModuleList(_convolution(coarse + skip, skip) for coarse, skip in zip(below, skips, strict=True))
        self.refine = _ResidualBlock(channels[0])
        self.flow = nn.Conv2d(channels[0], 2, 3, padding=1)
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, a=_LEAK)
                nn.init.zeros_(module.bias)
        # Training starts from almost no deformation.
        nn.init.normal_(self.flow.weight, std=1e-5)

    def forward(self, synthetic_norm: torch.Tensor, cta_norm: torch.Tensor) -> torch.Tensor:
        """Predict the flow that warps the synthetic CTA onto the acquired one.

        Args:
            synthetic_norm: normalised synthetic CTA, shape (B, 1, H, W).
            cta_norm: normalised CTA as acquired, shape (B, 1, H, W).

        Returns:
            Flow in pixels (dy, dx), float32, shape (B, 2, H, W).
        """
        features = torch.cat((synthetic_norm, cta_norm), dim=1)  # (B, 2, H, W)
        if self.scale > 1:
            features = functional.avg_pool2d(features, self.scale, ceil_mode=True)  # (B, 2, H/scale, W/scale)
        skips = []
        for level in self.down:
            features = level(features)
            skips.append(features)
            features = functional.max_pool2d(features, 2, ceil_mode=True)
        features = self.bottleneck(features)
        for level, skip in zip(self.up, reversed(skips), strict=True):
            features = functional.interpolate(features, skip.shape[-2:], mode="bilinear", align_corners=False)
            features = level(torch.cat((features, skip), dim=1))
        with torch.autocast(features.device.type, enabled=False):
            flow_px = self.flow(self.refine(features.float()))  # (B, 2, H/scale, W/scale)
        if self.scale > 1:
            size = synthetic_norm.shape[-2:]
            flow_px = self.scale * functional.interpolate(flow_px, size, mode="bilinear", align_corners=False)
        return flow_px  # (B, 2, H, W)
