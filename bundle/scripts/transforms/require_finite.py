"""Refuses volumes that hold values which are not numbers, before a threshold makes air of them."""

from collections.abc import Hashable, Mapping

import torch
from monai.transforms import MapTransform


class RequireFinited(MapTransform):
    """Pass a record on if all its values are finite.

    Args:
        keys: keys of the tensors.
    """

    def __call__(self, data: Mapping[Hashable, torch.Tensor]) -> dict[Hashable, torch.Tensor]:
        """Check.

        Raises:
            ValueError: when a value is NaN or infinite.
        """
        for key in self.key_iterator(data):
            if not torch.isfinite(data[key]).all():
                whose = data.get("patient", "a patient")
                raise ValueError(
                    f"{key!r} of {whose} holds NaN or infinite values. Repair the volume, or remove the patient from "
                    "the datalist."
                )
        return dict(data)
