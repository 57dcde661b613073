"""The shipped generator: a U-Net that predicts the enhancement, normalised slice in and out."""

from collections.abc import Sequence

import torch
from monai.networks.nets import UNet
from torch import nn
from torch.nn import functional


class ResidualGenerator(nn.Module):
    """Output = input + enhancement, the enhancement from a MONAI U-Net whose last layer starts at zero.

    The U-Net sees 2 x 2 pixel blocks as channels and gives them back the same way (sub-pixel convolution, Shi et al.,
    CVPR 2016): full resolution at a quarter of the cost. Before training the network is the identity, so that nothing
    is invented where nothing has been learnt. Iodine only adds attenuation: in evaluation mode a negative enhancement
    is cut off. In training it is not, or a value that fell below zero would never learn again.

    Args:
        channels: channels of the U-Net's levels, the finest at half the slice's resolution, the last two equally
            coarse.
        res_units: residual units of each level.
        norm: normalisation layer by its MONAI name ("INSTANCE", "BATCH", ...), or None for none.
        context_slices: neighbouring slices seen on each side of the one that is synthesised.
    """

    _BLOCK = 2

    def __init__(
        self,
        channels: Sequence[int] = (16, 32, 64, 96, 128, 128),
        res_units: int = 1,
        norm: str | None = "INSTANCE",
        context_slices: int = 0,
    ) -> None:
        super().__init__()
        self.context_slices = context_slices
        self.stride = self._BLOCK * 2 ** (len(channels) - 2)
        self.to_blocks = nn.PixelUnshuffle(self._BLOCK)
        self.unet = UNet(
            spatial_dims=2,
            in_channels=(2 * context_slices + 1) * self._BLOCK**2,
            out_channels=channels[0],
            channels=channels,
            strides=(1, *(2 for _ in channels[2:])),
            num_res_units=res_units,
            act=("LEAKYRELU", {"negative_slope": 0.1}),
            norm=norm,
        )
        self.enhancement = nn.Conv2d(channels[0], self._BLOCK**2, 1)
        nn.init.zeros_(self.enhancement.weight)
        nn.init.zeros_(self.enhancement.bias)
        self.to_pixels = nn.PixelShuffle(self._BLOCK)

    def forward(self, ncct_norm: torch.Tensor) -> torch.Tensor:
        """Synthesise normalised CTA slices.

        Args:
            ncct_norm: normalised NCCT slices with their neighbours as channels, from feet to head, shape
                (B, 2 * context_slices + 1, H, W). Sides that are not a multiple of `stride` are padded with their edge
                and cropped back.

        Returns:
            Normalised synthetic CTA, float32, shape (B, 1, H, W).
        """
        height, width = ncct_norm.shape[-2:]
        padding = (0, -width % self.stride, 0, -height % self.stride)
        blocks = self.to_blocks(functional.pad(ncct_norm, padding, mode="replicate"))  # (B, 4 (2 n + 1), H/2, W/2)
        finest_down, coarser_levels, finest_up = self.unet.model
        # The slice is read and the enhancement added in float32: half precision would quantise the slice itself.
        with torch.autocast(ncct_norm.device.type, enabled=False):
            fine_features = finest_down(blocks.float())  # (B, C, H/2, W/2)
        features = finest_up(coarser_levels(fine_features))  # (B, C, H/2, W/2)
        with torch.autocast(ncct_norm.device.type, enabled=False):
            enhancement_norm = self.to_pixels(self.enhancement(features.float()))  # (B, 1, H, W)
        if not self.training:
            enhancement_norm = enhancement_norm.clamp(min=0)
        middle = ncct_norm[:, self.context_slices, None].float()  # (B, 1, H, W)
        return middle + enhancement_norm[..., :height, :width]
