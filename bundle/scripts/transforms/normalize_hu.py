"""From HU to the networks' values."""

from collections.abc import Hashable, Mapping, Sequence

import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform

from scripts.hu_window import HUWindow


class NormalizeHUd(MapTransform):
    """Map a window of HU to -1..1; what lies outside of it becomes its end.

    The same as MONAI's `ThresholdIntensityd` and `ScaleIntensityRanged` one after the other, which make six copies of a
    volume where this makes one: they took a tenth of the time of a slice.

    Args:
        keys: keys of the volumes.
        hu_range: HU that -1 and 1 stand for.
        hu_floor: lower values, and what is no number, are set to it first: air for the padding around a scan.
    """

    def __init__(self, keys: KeysCollection, hu_range: Sequence[float], hu_floor: float) -> None:
        super().__init__(keys)
        self.window = HUWindow(hu_range)
        self.hu_floor = hu_floor

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        result = dict(data)
        for key in self.key_iterator(result):
            volume = result[key].float().clamp(min=self.hu_floor)
            values = volume.as_subclass(torch.Tensor)  # the same memory, without MONAI's bookkeeping at each step
            values.nan_to_num_(nan=self.hu_floor).sub_(self.window.hu_min).div_(self.window.hu_per_unit).sub_(1).clamp_(
                -1, 1
            )
            result[key] = volume
        return result
