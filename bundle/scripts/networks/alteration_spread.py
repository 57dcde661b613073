"""Uncertainty of a generator: how much its results differ between altered copies of a slice."""

from collections.abc import Sequence

import torch
from torch import nn


class AlterationSpread(nn.Module):
    """Output = input + standard deviation of the enhancement over altered copies of the input (test-time augmentation).

    A patient who is shifted by a few pixels, or mirrored, must get the same enhancement. Where it differs, the network
    guesses. Only alterations without interpolation are used, so differences come from the network, and a repeat gives
    the same map. It can replace the generator in any inferer.

    The method: Wang et al., Aleatoric uncertainty estimation with test-time augmentation for medical image segmentation
    with convolutional neural networks, Neurocomputing 2019.

    Args:
        network: the generator, in evaluation mode.
        shifts_px: (rows, columns) by which copies are shifted. What leaves on one side comes back on the other; the
            inferer keeps a margin of air around the body. A multiple of the network's stride alters nothing.
        mirrored_shifts_px: the same for copies that are also mirrored left to right.
        context_slices: neighbours on each side of the slice; None where nothing follows the slices, as a context map
            does. The map is altered with the slices: the uncertainty of the map itself is not measured.
    """

    def __init__(
        self,
        network: nn.Module,
        shifts_px: Sequence[Sequence[int]] = ((5, 9), (-7, 13)),
        mirrored_shifts_px: Sequence[Sequence[int]] = ((0, 0),),
        context_slices: int | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        self.context_slices = context_slices
        self.alterations = [(tuple(shift), False) for shift in shifts_px]
        self.alterations += [(tuple(shift), True) for shift in mirrored_shifts_px]

    def forward(self, ncct_norm: torch.Tensor) -> torch.Tensor:
        """Estimate the uncertainty of synthetic slices.

        Args:
            ncct_norm: normalised NCCT slices with their neighbours as channels, then the context map, shape
                (B, 2 n + 1 + C, H, W).

        Returns:
            The middle slice plus the standard deviation of the enhancement, normalised, float32, shape (B, 1, H, W).
        """
        middle = self._middle(ncct_norm)  # (B, 1, H, W)
        enhancements = [self._enhancement(ncct_norm)]
        for (rows, columns), mirrored in self.alterations:
            altered = ncct_norm.flip(-1) if mirrored else ncct_norm
            enhancement = self._enhancement(altered.roll((rows, columns), dims=(-2, -1)))
            enhancement = enhancement.roll((-rows, -columns), dims=(-2, -1))
            enhancements.append(enhancement.flip(-1) if mirrored else enhancement)
        return middle + torch.stack(enhancements).std(dim=0)  # (K, B, 1, H, W) -> (B, 1, H, W)

    def _enhancement(self, ncct_norm: torch.Tensor) -> torch.Tensor:
        return self.network(ncct_norm).float() - self._middle(ncct_norm)

    def _middle(self, ncct_norm: torch.Tensor) -> torch.Tensor:
        index = ncct_norm.shape[1] // 2 if self.context_slices is None else self.context_slices
        return ncct_norm[:, index, None].float()
