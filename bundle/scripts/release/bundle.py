"""Writes a bundle that runs imported weights: this bundle with the paper's generator and the release's HU window."""

import json
import shutil
from pathlib import Path

import torch
from monai.bundle import ConfigParser

HU_RANGE = [-1024, 3071]
"""HU that the released code maps to -1 and 1."""

_CONFIGS = ("inference.yaml", "train.yaml")
_NETWORK = {"_target_": "scripts.networks.PaperGenerator"}
_COPIED = ("LICENSE", "configs", "scripts", "docs")


def write_bundle(state: dict[str, torch.Tensor], bundle: str | Path, out: str | Path) -> None:
    """Write a ready bundle.

    Args:
        state: state dict of the paper's generator.
        bundle: the bundle to take configs and scripts from.
        out: folder to make; it must not exist.

    Raises:
        FileExistsError: when `out` exists.
    """
    bundle, out = Path(bundle), Path(out)
    if out.exists():
        raise FileExistsError(f"{out} exists: name a folder that does not.")
    unfinished = out.with_name(out.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for name in _COPIED:
        source = bundle / name
        if source.is_dir():
            shutil.copytree(source, unfinished / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, unfinished / name)
    for name in _CONFIGS:
        _set_network(unfinished / "configs" / name)
    _set_metadata(unfinished / "configs" / "metadata.json")
    (unfinished / "models").mkdir()
    torch.save(state, unfinished / "models" / "model.pt")
    unfinished.rename(out)


def _set_network(config: Path) -> None:
    content = ConfigParser.load_config_file(config)
    content["network_def"] = _NETWORK
    content["hu_range"] = HU_RANGE
    ConfigParser.export_config_file(content, str(config), fmt="yaml", sort_keys=False)


def _set_metadata(metadata: Path) -> None:
    content = json.loads(metadata.read_text())
    content["hu_range"] = HU_RANGE
    content["data_source"] = "weights of the released CTA-GAN, imported; see Lyu et al., Radiology 2023"
    window = f"[{HU_RANGE[0]}, {HU_RANGE[1]}] HU as [-1, 1]"
    data_format = content["network_data_format"]
    data_format["inputs"]["image"]["channel_def"] = {"0": f"non-contrast CT slice, {window}"}
    data_format["outputs"]["pred"]["channel_def"] = {"0": f"synthetic CTA slice, {window}"}
    metadata.write_text(json.dumps(content, indent=4) + "\n")
