"""The context network: sees the whole body on coarse voxels and classifies its vessels and organs."""

from collections.abc import Sequence

import torch
from monai.networks.nets import UNet
from torch import nn

from scripts.hu_window import HUWindow
from scripts.organs import Organ


class ContextNetwork(nn.Module):
    """Logits of the classes of `scripts.organs.Organ` from a coarse NCCT, by a 3-D MONAI U-Net.

    Batch normalisation with frozen statistics: the output at a place does not depend on how much air, table or body the
    scan shows elsewhere, as it would with instance normalisation.

    Args:
        channels: channels of the U-Net's levels, the first at full resolution, the last two equally coarse.
        res_units: residual units of each level.
        windows_hu: lower and upper end of each window that the scan is seen through.
        hu_range: HU that -1 and 1 stand for.
    """

    def __init__(
        self,
        channels: Sequence[int] = (16, 32, 64, 128, 192, 192),
        res_units: int = 2,
        windows_hu: Sequence[Sequence[float]] = ((-1000, 600), (-160, 240), (-20, 120)),
        hu_range: Sequence[float] = (-2000, 2095),
    ) -> None:
        super().__init__()
        to_norm = HUWindow(hu_range).to_norm
        self.windows_norm = [(to_norm(low), to_norm(high)) for low, high in windows_hu]
        self.multiple = 2 ** (len(channels) - 2)
        self.unet = UNet(
            spatial_dims=3,
            in_channels=len(windows_hu),
            out_channels=len(Organ),
            channels=channels,
            strides=(1, *(2 for _ in channels[2:])),
            num_res_units=res_units,
            act=("LEAKYRELU", {"negative_slope": 0.1}),
            norm="BATCH",
        )

    def forward(self, ncct_norm: torch.Tensor) -> torch.Tensor:
        """Classify voxels.

        Args:
            ncct_norm: normalised coarse NCCT, shape (B, 1, D, H, W); sides are multiples of `multiple`.

        Returns:
            Logits, shape (B, classes, D, H, W).
        """
        windows = [((ncct_norm - low) * (2 / (high - low)) - 1).clamp(-1, 1) for low, high in self.windows_norm]
        return self.unet(torch.cat(windows, dim=1))
