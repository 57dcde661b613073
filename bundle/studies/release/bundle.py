"""Writes a bundle that runs imported weights: this bundle with the paper's generator and the release's HU window."""

import hashlib
import json
import shutil
from pathlib import Path

import torch
from monai.bundle import ConfigParser

from scripts.files import whole_folder

HU_RANGE = [-1024, 3071]
"""HU that the released code maps to -1 and 1."""

_CONFIGS = ("inference.yaml", "train.yaml")
_NETWORK = {"_target_": "scripts.networks.PaperGenerator"}
_COPIED = ("LICENSE", "configs", "scripts", "cohorts")
_MODEL_CARD = """# Imported CTA-GAN generator

The weights in `models/model.pt` were imported from a checkpoint of the released CTA-GAN (Lyu et al., Radiology
2023;309(2):e230681). Neither their training data nor their licence is known here: the file LICENSE covers configs and
scripts only. Nothing was measured with them by Syn-CTA. Research only, not for diagnosis.
"""


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
        raise FileExistsError(f"{out} exists already. Give a new folder.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with whole_folder(out) as unfinished:
        for name in _COPIED:
            source = bundle / name
            if source.is_dir():
                shutil.copytree(source, unfinished / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, unfinished / name)
        for name in _CONFIGS:
            _set_network(unfinished / "configs" / name)
        _set_metadata(unfinished / "configs" / "metadata.json")
        for folder in ("models", "docs"):
            (unfinished / folder).mkdir()
        (unfinished / "docs" / "README.md").write_text(_MODEL_CARD)
        weights = unfinished / "models" / "model.pt"
        torch.save(state, weights)
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        weights.with_name("model.pt.sha256").write_text(f"{digest}  model.pt\n")  # as sha256sum writes it


def _set_network(config: Path) -> None:
    content = ConfigParser.load_config_file(config)
    content["network_def"] = _NETWORK
    content["hu_range"] = HU_RANGE
    if "context" in content:
        content["context"] = None  # the paper's generator sees slices alone
    content["amp"] = False  # bfloat16 was never measured with these weights
    ConfigParser.export_config_file(content, str(config), fmt="yaml", sort_keys=False)


def _set_metadata(metadata: Path) -> None:
    content = json.loads(metadata.read_text())
    content["hu_range"] = HU_RANGE
    content["name"] = "CTA-GAN, imported"
    content["data_source"] = "weights of the released CTA-GAN, imported; see Lyu et al., Radiology 2023"
    window = f"[{HU_RANGE[0]}, {HU_RANGE[1]}] HU as [-1, 1]"
    data_format = content["network_data_format"]
    data_format["inputs"]["image"]["num_channels"] = 1
    data_format["inputs"]["image"]["channel_def"] = {"0": f"non-contrast CT slice, {window}"}
    data_format["outputs"]["pred"]["channel_def"] = {"0": f"synthetic CTA slice, {window}"}
    metadata.write_text(json.dumps(content, indent=4) + "\n")
