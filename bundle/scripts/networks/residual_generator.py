"""The shipped generator: a U-Net that predicts the enhancement, normalised slice in and out."""

from collections.abc import Sequence

import torch
from monai.networks.nets import UNet
from torch import nn
from torch.nn import functional

from scripts.hu_window import HUWindow


class ResidualGenerator(nn.Module):
    """Output = input + enhancement, the enhancement from a MONAI U-Net whose last layer starts at zero.

    The U-Net sees 2 x 2 pixel blocks as channels and gives them back the same way (sub-pixel convolution, Shi et al.,
    CVPR 2016): full resolution at a quarter of the cost. Before training the network is the identity, so that nothing
    is invented where nothing has been learnt.

    Blood, muscle and fat differ by some tens of the thousands of HU that a slice spans. So the U-Net sees each slice
    again through narrow windows, as a reader would, with all else clipped.

    Iodine only adds attenuation: in evaluation mode a negative enhancement is cut off. In training it is not, since a
    value that fell below zero would get no gradient.

    Weights that were trained with fewer neighbouring slices (at least one) load too: further slices have no effect
    until training continues. The number of windows must be the same; it cannot be read from weights. Weights that were
    trained without a context map load too; the map then has no effect.

    The map of the context network, where there is one, shows which soft tissue is a vessel; the U-Net draws its edge.
    The map joins at half resolution, since it is coarse itself.

    Args:
        channels: channels of the U-Net's levels, the finest at half the slice's resolution, the last two equally
            coarse.
        res_units: residual units of each level.
        norm: normalisation layer by its MONAI name ("INSTANCE", "BATCH", ...), or None for none.
        context_slices: neighbouring slices seen on each side of the one that is synthesised.
        windows_hu: lower and upper end of each further window that the slices are seen through.
        hu_range: HU that -1 and 1 stand for.
        context_channels: channels of the context map that follow the slices; 0 for none.
    """

    _BLOCK = 2

    def __init__(
        self,
        channels: Sequence[int] = (16, 32, 64, 128, 192, 192),
        res_units: int = 2,
        norm: str | None = "INSTANCE",
        context_slices: int = 0,
        windows_hu: Sequence[Sequence[float]] = ((-160, 240), (-20, 120)),
        hu_range: Sequence[float] = (-2000, 2095),
        context_channels: int = 0,
    ) -> None:
        super().__init__()
        to_norm = HUWindow(hu_range).to_norm
        self.windows_norm = [(to_norm(low), to_norm(high)) for low, high in windows_hu]
        self.context_slices = context_slices
        self.context_channels = context_channels
        self.stride = self._BLOCK * 2 ** (len(channels) - 2)
        self.to_blocks = nn.PixelUnshuffle(self._BLOCK)
        self.unet = UNet(
            spatial_dims=2,
            in_channels=(1 + len(windows_hu)) * (2 * context_slices + 1) * self._BLOCK**2 + context_channels,
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
        self.register_load_state_dict_pre_hook(_see_context)
        self.register_load_state_dict_pre_hook(_see_further_slices)

    def forward(self, ncct_norm: torch.Tensor) -> torch.Tensor:
        """Synthesise normalised CTA slices.

        Args:
            ncct_norm: normalised NCCT slices with their neighbours as channels, from feet to head, then the channels
                of the context map, shape (B, 2 * context_slices + 1 + context_channels, H, W). Sides that are not a
                multiple of `stride` are padded with their edge and cropped back.

        Returns:
            Normalised synthetic CTA, float32, shape (B, 1, H, W).
        """
        height, width = ncct_norm.shape[-2:]
        padding = (0, -width % self.stride, 0, -height % self.stride)
        slices = 2 * self.context_slices + 1
        seen = functional.pad(self._through_windows(ncct_norm[:, :slices]), padding, mode="replicate")
        blocks = self.to_blocks(seen)  # (B, w (2 n + 1), H, W) -> (B, 4 w (2 n + 1), H/2, W/2)
        if self.context_channels:
            context = functional.pad(ncct_norm[:, slices:], padding, mode="replicate")  # (B, c, H, W)
            blocks = torch.cat((blocks, functional.avg_pool2d(context, self._BLOCK)), dim=1)
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

    def _through_windows(self, ncct_norm: torch.Tensor) -> torch.Tensor:
        """The slices as they are and through each window, in which -1 and 1 are its ends, as further channels."""
        windowed = [((ncct_norm - low) * (2 / (high - low)) - 1).clamp(-1, 1) for low, high in self.windows_norm]
        return torch.cat([ncct_norm, *windowed], dim=1)


def _see_context(generator: ResidualGenerator, weights: dict[str, torch.Tensor], prefix: str, *_: object) -> None:
    """Add zeros for the channels of a context map to weights without one, in place."""
    for name, parameter in generator.unet.model[0].named_parameters(prefix=f"{prefix}unet.model.0"):
        if name not in weights or weights[name].ndim != 4 or not generator.context_channels:
            continue
        views = (1 + len(generator.windows_norm)) * generator.to_blocks.downscale_factor**2
        if weights[name].shape[1] % views == 0 and parameter.shape[1] % views == generator.context_channels % views:
            weights[name] = functional.pad(weights[name], (0, 0, 0, 0, 0, generator.context_channels))


def _see_further_slices(
    generator: ResidualGenerator, weights: dict[str, torch.Tensor], prefix: str, *_: object
) -> None:
    """Add zeros for further slices to weights of fewer neighbouring slices, in place."""
    views = 1 + len(generator.windows_norm)
    block_pixels = generator.to_blocks.downscale_factor**2
    for name, parameter in generator.unet.model[0].named_parameters(prefix=f"{prefix}unet.model.0"):
        if name not in weights or weights[name].ndim != 4:
            continue
        context = weights[name][:, weights[name].shape[1] - generator.context_channels :]
        slices = weights[name][:, : weights[name].shape[1] - generator.context_channels]
        wanted, found = parameter.shape[1] - generator.context_channels, slices.shape[1]
        further, rest = divmod(wanted - found, 2 * views * block_pixels)
        some = found > views * block_pixels  # as many channels may be slices without windows
        if further > 0 and not rest and some:
            by_slice = slices.unflatten(1, (views, -1, block_pixels))  # (out, w, 2 n + 1, 4, kh, kw)
            padded = functional.pad(by_slice, (0, 0, 0, 0, 0, 0, further, further))
            weights[name] = torch.cat((padded.flatten(1, 3), context), dim=1)  # (out, 4 w (2 n + 1) + c, kh, kw)
