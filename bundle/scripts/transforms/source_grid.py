"""From the normalised working grid back to HU on the grid of the source."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Literal

import torch
from monai.config import KeysCollection
from monai.transforms import Compose, Invertd, MapTransform

from scripts.hu_window import HUWindow
from scripts.transforms.resample_to_spacing import SLAB_KEY


class KeepSourced(MapTransform):
    """Keep the volume as it was read, by reference, under another key.

    Args:
        keys: keys of the volumes to keep.
        source_key: key under which the volume stays reachable.
    """

    def __init__(self, keys: KeysCollection, source_key: str = "source") -> None:
        super().__init__(keys)
        self.source_key = source_key

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        result = dict(data)
        for key in self.key_iterator(result):
            result[self.source_key] = result[key]
        return result


class ToSourceGridd(MapTransform):
    """Turn a synthetic volume on the working grid into HU on the source grid.

    With `mode` "enhancement" the result is `source + inverse_resample(synthetic - resampled source)`: only the
    enhancement is interpolated, so the native resolution, the noise texture and values outside the HU window survive.
    With "plain" the synthetic volume itself is resampled, with "difference" what was added comes back alone. Of a slab
    (`resample_to_spacing.SLAB_KEY`) the result is its wanted slices.

    Args:
        keys: keys of the synthetic volumes, normalised, shape (1, P, L, S) on the working grid.
        preprocessing: the transform that led from the source to the working grid; its spatial part is inverted.
        hu_range: HU that -1 and 1 stand for.
        mode: "enhancement", "plain" or "difference".
        image_key: key of the normalised source on the working grid.
        source_key: key of the source in HU on its own grid.

    Raises:
        ValueError: when `mode` is none of the three.
    """

    def __init__(
        self,
        keys: KeysCollection,
        preprocessing: Compose,
        hu_range: Sequence[float],
        mode: Literal["enhancement", "plain", "difference"] = "enhancement",
        image_key: str = "image",
        source_key: str = "source",
    ) -> None:
        super().__init__(keys)
        if mode not in ("enhancement", "plain", "difference"):
            raise ValueError(f"source_grid_mode must be 'enhancement', 'plain' or 'difference', found {mode!r}.")
        self.window = HUWindow(hu_range)
        self.mode = mode
        self.image_key = image_key
        self.source_key = source_key
        self.invert = Invertd(keys, transform=preprocessing, orig_keys=image_key, nearest_interp=False)

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        result = dict(data)
        for key in self.key_iterator(result):
            if self.mode != "plain":
                result[key] = (result[key] - result[self.image_key]) * self.window.hu_per_unit
            else:
                result[key] = self.window.to_hu(result[key])
        result = self.invert(result)
        if self.mode == "enhancement":
            for key in self.key_iterator(result):
                source = result[self.source_key]
                slab = result.get(SLAB_KEY)
                result[key] = result[key] + (source if slab is None else source[..., slab.wanted_in_source])
        return result
