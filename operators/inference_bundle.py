"""The MONAI bundle as the app sees it: transforms, inferer and network from its inference config, and its weights.

MONAI evaluates the config, so a bundle is code: only a bundle that the operator of the app trusts may be given.
"""

import hashlib
import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from monai.bundle import ConfigParser
from monai.transforms import Compose, LoadImage, LoadImaged, SaveImage, SaveImaged

from operators.errors import Reason, Refusal

logger = logging.getLogger(__name__)

_CONFIG = Path("configs/inference.yaml")
_METADATA = Path("configs/metadata.json")
_WEIGHTS = Path("models/model.pt")
_SCRIPTS = Path("scripts")
_FILE_TRANSFORMS = (LoadImage, LoadImaged, SaveImage, SaveImaged)


class InferenceBundle:
    """A bundle folder, opened.

    Args:
        root: folder with configs/inference.yaml, configs/metadata.json and models/model.pt.
        device: where the network runs; None for the config's own choice (a GPU when there is one).
        amp: mixed precision on or off; None for the config's own choice.

    Attributes:
        name: name in metadata.json.
        version: version in metadata.json.
        weights_sha256: digest of the weights.
        config_sha256: digest of the inference config.
        scripts_sha256: digest of the bundle's own Python code.
        device: where the network runs.
        amp: whether mixed precision is used.

    Raises:
        Refusal: BUNDLE, when a file is missing or the config does not parse; DEVICE, when the device is no name of one;
            NO_GPU, when the GPU that is asked for is not there.
    """

    def __init__(self, root: Path, *, device: str | None = None, amp: bool | None = None) -> None:
        self._root = root.resolve()
        for part in (_CONFIG, _METADATA, _WEIGHTS):
            if not (self._root / part).is_file():
                raise Refusal(Reason.BUNDLE, f"The bundle has no {part}. Name the bundle's folder with -m.")
        chosen_device = None if device is None else _present_device(device)
        if str(self._root) not in sys.path:
            sys.path.insert(0, str(self._root))  # the config names classes of the bundle's own package
        with _explained("configs/inference.yaml does not parse"):
            metadata = json.loads((self._root / _METADATA).read_text(encoding="utf-8"))
            self.name = str(metadata.get("name", "unnamed"))
            self.version = str(metadata["version"])
            self._parser = ConfigParser()
            self._parser.read_meta(self._root / _METADATA)
            self._parser.read_config(self._root / _CONFIG)
            self._parser["bundle_root"] = str(self._root)
            if chosen_device is not None:
                self._parser["device"] = chosen_device
            if amp is not None:
                self._parser["amp"] = amp
            self.device = torch.device(self._parser.get_parsed_content("device"))
            self.amp = bool(self._parser.get_parsed_content("amp"))
        self.config_sha256 = _sha256(self._root / _CONFIG)
        self.scripts_sha256 = _sha256_of_code(self._root / _SCRIPTS)
        self.weights_sha256 = _sha256(self._root / _WEIGHTS)

    @property
    def device_name(self) -> str:
        """Name of the processor for the report."""
        return torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else self.device.type

    def preprocess(self, image: torch.Tensor) -> dict[str, Any]:
        """Apply the bundle's `preprocessing`.

        Args:
            image: MetaTensor (1, column, row, slice) in HU with its RAS affine.

        Returns:
            The bundle's dictionary; "image" is the normalised volume on the working grid.
        """
        return self._transforms("preprocessing")({"image": image})

    def synthesize(self, data: Mapping[str, Any]) -> torch.Tensor:
        """Run the network with the bundle's `inferer`.

        Args:
            data: what `preprocess` returned.

        Returns:
            Normalised synthetic volume (1, ...) on the working grid, float32.
        """
        with _explained("inferer or network_def do not parse"):
            inferer = self._parser.get_parsed_content("inferer")
            network = self._parser.get_parsed_content("network_def")
        with _explained("models/model.pt does not fit network_def"):
            network.load_state_dict(torch.load(self._root / _WEIGHTS, map_location="cpu", weights_only=True))
        network = network.to(self.device).eval()
        if not any(values.dim() == 5 for values in network.parameters()):  # the layout does not exist for volumes
            network = network.to(memory_format=torch.channels_last)  # convolutions are faster
        with torch.inference_mode():
            return inferer(inputs=data["image"][None], network=network)[0].float()  # (1, 1, X, Y, Z) -> (1, X, Y, Z)

    def postprocess(self, data: dict[str, Any]) -> torch.Tensor:
        """Apply the bundle's `postprocessing`.

        Args:
            data: what `preprocess` returned, with the synthetic volume added as "pred".

        Returns:
            Synthetic HU on the source grid, (1, column, row, slice).
        """
        return self._transforms("postprocessing")(data)["pred"]

    def _transforms(self, name: str) -> Compose:
        """A compose of the config without its file transforms: the app reads and writes DICOM itself."""
        with _explained(f"{name} does not parse"):
            compose = self._parser.get_parsed_content(name)
        # In place: other parts of the config refer to this very object.
        compose.transforms = tuple(step for step in compose.transforms if not isinstance(step, _FILE_TRANSFORMS))
        return compose


def _present_device(name: str) -> torch.device:
    """The device of a name, when the app can use it and it is there."""
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in ("cpu", "cuda"):
        raise Refusal(Reason.DEVICE, "There is no such device. Give --device auto, cpu, cuda or cuda:N.")
    number = device.index or 0
    if device.type == "cuda" and number >= torch.cuda.device_count():
        raise Refusal(
            Reason.NO_GPU,
            f"GPU {number} is asked for, but PyTorch finds {torch.cuda.device_count()} GPU(s), counted from 0. "
            "Name another one or use --device cpu.",
        )
    return device


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turn any error of the bundle while it is opened into a refusal that says which part is faulty."""
    try:
        yield
    except (Refusal, MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        raise Refusal(Reason.BUNDLE, f"The bundle is faulty: {what} ({type(error).__name__}).") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sha256_of_code(folder: Path) -> str:
    """One digest over names and contents of all Python files.

    Training code counts too: which files a config reaches cannot be told from outside, and one file too many only
    gives new UIDs, while one too few would give other pixels under the same UIDs.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{_sha256(path)}\n".encode())
    return digest.hexdigest()
