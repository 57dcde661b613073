"""A bundle that adds a fixed number of HU to every voxel: the app's plumbing without a trained network."""

import json
from pathlib import Path

import torch

ADDED_HU = 200.0

_CONFIG = """\
imports: ["$import torch"]
bundle_root: .
device: "$torch.device('cpu')"
amp: false
network_def: {_target_: torch.nn.Conv3d, in_channels: 1, out_channels: 1, kernel_size: 1}
preprocessing:
  _target_: Compose
  transforms:
  - {_target_: LoadImaged, keys: image, ensure_channel_first: true}
  - {_target_: ScaleIntensityRanged, keys: image, a_min: -2000, a_max: 2095, b_min: -1, b_max: 1}
inferer: {_target_: SimpleInferer}
postprocessing:
  _target_: Compose
  transforms:
  - {_target_: ScaleIntensityRanged, keys: pred, a_min: -1, a_max: 1, b_min: -2000, b_max: 2095}
  - {_target_: SaveImaged, keys: pred, output_dir: "$@bundle_root + '/eval'"}
"""


def write_stand_in_bundle(folder: Path, *, bias: float | None = None) -> Path:
    """Write the bundle.

    Args:
        folder: becomes the bundle.
        bias: what the network adds in normalised units; None for `ADDED_HU`.

    Returns:
        The folder.
    """
    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    (folder / "configs" / "inference.yaml").write_text(_CONFIG)
    (folder / "configs" / "metadata.json").write_text(json.dumps({"name": "stand-in", "version": "0.0.1"}))
    added = ADDED_HU / 2047.5 if bias is None else bias
    weights = {"weight": torch.ones(1, 1, 1, 1, 1), "bias": torch.tensor([added])}
    torch.save(weights, folder / "models" / "model.pt")
    return folder
