"""From the context map of a whole scan to the context of the slices that the network is to see."""

from collections.abc import Callable, Hashable, Mapping

import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform

from scripts.transforms.axial_slab import neighbours
from scripts.transforms.resample_to_spacing import SLAB_KEY, along_z

MAP_KEY = "context_map"
"""The map of the whole scan, uint8 in steps of 1/255, (C, rows, columns, coarse slices); see `scripts.context`."""

CONTEXT_KEY = "context"
"""The map of the slices of the image: float16, (C, rows, columns, slices); in the plane it stays coarse."""


class AddContextMapd(MapTransform):
    """Run the context network on a whole scan, unless the map is there already.

    Code that processes a scan in slabs makes the map once and puts it into the dictionary of each slab.

    Args:
        keys: key of the scan in HU on its own grid.
        of_volume: makes the map of a scan, `WholeScanContext.of_volume`; None for a generator that sees slices alone.
    """

    def __init__(self, keys: KeysCollection, of_volume: Callable[[MetaTensor], torch.Tensor] | None) -> None:
        super().__init__(keys)
        self.of_volume = of_volume

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        """Add the map under `MAP_KEY`.

        Raises:
            ValueError: when a slab comes without a map: the map needs the whole scan.
        """
        result = dict(data)
        if self.of_volume is None or MAP_KEY in result:
            return result
        if SLAB_KEY in result:
            raise ValueError(f"A slab needs the map of its whole scan as {MAP_KEY!r}.")
        for key in self.key_iterator(result):
            result[MAP_KEY] = self.of_volume(result[key])
        return result


class ContextOfSlicesd(MapTransform):
    """Interpolate the map along the slice axis, to the slices of the image; without a map nothing happens.

    In the plane it stays as coarse as it is: on every pixel its channels would be six times the image. The inferer
    brings it there, a few slices at a time.

    Args:
        keys: key of the image on the working grid, (1, X, Y, Z).
    """

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        """Replace the map of the scan (`MAP_KEY`) by that of the slices (`CONTEXT_KEY`)."""
        result = dict(data)
        if MAP_KEY not in result:
            return result
        context_map = result.pop(MAP_KEY)  # (C, X, Y, z)
        slab = result.get(SLAB_KEY)
        for key in self.key_iterator(result):
            slices = result[key].shape[-1]
            working, working_slices = (range(slices), slices) if slab is None else (slab.working, slab.working_slices)
            coarse_slices = context_map.shape[-1]
            needed = neighbours(working, coarse_slices, working_slices)
            steps = context_map[..., needed.start : needed.stop].movedim(-1, 0).contiguous().to(result[key].device)
            context = along_z(steps, (needed.start, coarse_slices), (working, working_slices))
            result[CONTEXT_KEY] = context.movedim(0, -1).div_(255).half()
        return result
