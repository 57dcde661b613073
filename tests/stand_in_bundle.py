"""Bundles without training: one that adds a fixed number of HU to every voxel, one with random weights."""

import hashlib
import json
import shutil
from pathlib import Path

import torch
from monai.bundle import ConfigParser

from scripts.organs import CONTEXT_ORGANS

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
    record_weights(folder)
    return folder


def write_random_bundle(folder: Path, bundle: Path, *, context: bool = False) -> Path:
    """Write a copy of a bundle with a small network whose enhancement is random, but far from zero.

    Args:
        folder: becomes the bundle.
        bundle: the shipped one; its code is linked to.
        context: a small random context network comes first, and both have batch normalisation.

    Returns:
        The folder.
    """
    folder.mkdir()
    shutil.copytree(bundle / "configs", folder / "configs")
    (folder / "scripts").symlink_to(bundle / "scripts")
    config = folder / "configs" / "inference.yaml"
    content = ConfigParser.load_config_file(config)
    content["network_def"] |= {"channels": [4, 4, 4], "context_channels": len(CONTEXT_ORGANS) if context else 0}
    content["context"] = "@whole_scan_context" if context else None
    content["context_network_def"]["channels"] = [4, 4, 4]
    content["whole_scan_context"]["least_size"] = [16, 32, 32]
    if context:
        content["network_def"]["norm"] = "BATCH"
    ConfigParser.export_config_file(content, str(config), fmt="yaml", sort_keys=False)
    torch.manual_seed(0)
    network = ConfigParser(content).get_parsed_content("network_def")
    torch.nn.init.normal_(network.enhancement.weight, std=0.1)
    (folder / "models").mkdir()
    torch.save(network.state_dict(), folder / "models" / "model.pt")
    record_weights(folder)
    if context:
        context_network = ConfigParser(content).get_parsed_content("context_network_def")
        for values in list(context_network.parameters())[-4:]:
            values.data *= 5  # classes are told apart, rather than all being equally likely
        torch.save(context_network.state_dict(), folder / "models" / "context.pt")
        record_weights(folder, "context.pt")
    return folder


def record_weights(folder: Path, name: str = "model.pt") -> None:
    """Record the digest of a bundle's weights, as its user does with sha256sum."""
    weights = folder / "models" / name
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    weights.with_name(f"{name}.sha256").write_text(f"{digest}  {name}\n")
