"""Reads context maps that `python -m cohorts.context` has written: of a slice for training, whole for validation.

A map is uint8 in steps of 1/255, (slices, classes, rows, columns): slices to the head, rows to posterior, columns to
the left. Its voxels are coarser than the NCCT's, its outer faces the same.
"""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform, Transform
from torch.nn import functional

from scripts.transforms.axial_slab import neighbours
from scripts.transforms.context_map import MAP_KEY
from scripts.transforms.resample_to_spacing import along_z


def open_context(record: Mapping[Hashable, Any], channels: int) -> np.ndarray:
    """Open a patient's map; only the parts that are used are read.

    Args:
        record: of `scripts.data.patients`.
        channels: that it must have.

    Raises:
        ValueError: when there is no map, or one of other channels.
    """
    whose = record.get("patient", "a patient")
    if "context" not in record:
        raise ValueError(
            f"{whose} has no context map, but the network needs one. Make it with `python -m cohorts.context "
            "--datalist datalist.json`, or train without: --network_def#context_channels 0."
        )
    context_map = np.load(record["context"], mmap_mode="r", allow_pickle=False)
    if context_map.ndim != 4 or context_map.shape[1] != channels:
        found = context_map.shape
        raise ValueError(f"The context map of {whose} has shape {found}, expected {channels} classes. Make it again.")
    return context_map


class LoadContextSliced(MapTransform):
    """Replace the path of a context map by the context of the record's slice, on the pixels of the NCCT.

    It comes before `LoadSliced`, since it takes the size of the NCCT from its file.

    Args:
        keys: key of the map's path.
        channels: what the network takes; 0 for a network without context, whose records lose the key.
        ncct_key: key of the NCCT's path.
    """

    def __init__(self, keys: KeysCollection, channels: int, ncct_key: str = "ncct") -> None:
        super().__init__(keys)
        self.channels = channels
        self.ncct_key = ncct_key

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Read, (channels, H, W) float32.

        Raises:
            ValueError: see `open_context`.
        """
        result = dict(data)
        for key in self.keys:
            if not self.channels:
                result.pop(key, None)
                continue
            context_map = open_context(result, self.channels)
            columns, rows, slices = nibabel.load(result[self.ncct_key]).shape
            wanted = range(result["slice_index"], result["slice_index"] + 1)
            needed = neighbours(wanted, len(context_map), slices)
            steps = torch.from_numpy(np.array(context_map[needed.start : needed.stop]))
            shares = along_z(steps, (needed.start, len(context_map)), (wanted, slices)) / 255  # (1, C, h, w)
            result[key] = functional.interpolate(shares, (rows, columns), mode="bilinear", align_corners=False)[0]
        return result


class LoadContextMap(Transform):
    """Read the whole map of a record for `scripts.transforms.ContextOfSlicesd`.

    Args:
        channels: what the network takes; 0 for a network without context.
    """

    def __init__(self, channels: int) -> None:
        self.channels = channels

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Replace the path by the map.

        Raises:
            ValueError: see `open_context`.
        """
        result = dict(data)
        if self.channels:
            context_map = torch.from_numpy(np.array(open_context(result, self.channels)))
            result[MAP_KEY] = context_map.movedim(0, -1)  # (C, rows, columns, slices)
        result.pop("context", None)
        return result


def write_context(context_map: torch.Tensor, path: Path) -> None:
    """Write a map of `scripts.context.WholeScanContext`, (C, rows, columns, slices), for these readers."""
    np.save(path, context_map.movedim(-1, 0).contiguous().numpy(), allow_pickle=False)
