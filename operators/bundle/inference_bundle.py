"""The MONAI bundle as the app sees it: transforms, inferer and network from its inference config, and its weights.

MONAI evaluates the config, so a bundle is code: only a bundle that the operator of the app trusts may be given.
"""

import json
import logging
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import torch
from monai.bundle import ConfigParser
from monai.transforms import Compose, LoadImage, LoadImaged, SaveImage, SaveImaged

from operators.bundle.digests import CONFIG, CONTEXT_WEIGHTS, WEIGHTS, digests_of
from operators.bundle.model_card import limits_of
from operators.bundle.weights_record import is_recorded, not_recorded
from operators.errors import Reason, Refusal

logger = logging.getLogger(__name__)

_METADATA = Path("configs/metadata.json")
_FILE_TRANSFORMS = (LoadImage, LoadImaged, SaveImage, SaveImaged)


class Slab(Protocol):
    """A slab of a volume as cut by the bundle; slices are counted from the feet.

    Attributes:
        source: slices of the source that the piece needs.
        wanted: slices of the source that the piece gives back.
        synthesised: slices of the piece, as `preprocess` gives it, that these are made from; the others are neighbours.
    """

    source: range
    wanted: range

    @property
    def synthesised(self) -> range:
        """See above."""


class InferenceBundle:
    """A bundle folder, opened.

    Args:
        root: folder with configs/inference.yaml, configs/metadata.json, models/model.pt and, where the config has a
            `context`, models/context.pt.
        device: where the network runs; None for the config's own choice (a GPU when there is one).
        amp: mixed precision on or off; None for the config's own choice.
        engine: engine that runs the network, "auto", "torch" or "openvino"; None for the config's own choice.

    Attributes:
        name: name in metadata.json.
        version: version in metadata.json.
        limits: where not to trust a result, from the model card.
        weights_sha256: digest of the weights; checked against models/model.pt.sha256 where the bundle has it.
        context_sha256: digest of the weights of the context network, checked likewise; None for a bundle without one.
        warnings: what is doubtful about the bundle.
        config_sha256: digest of the inference config.
        scripts_sha256: digest of the bundle's own Python code.
        device: where the network runs.
        amp: whether mixed precision is used.

    Raises:
        Refusal: BUNDLE, when a file is missing or the config does not parse; WEIGHTS, when the weights are not those
            that the bundle records; DEVICE, when the device name is not valid;
            NO_GPU, when the GPU that is asked for is not there.
    """

    def __init__(
        self, root: Path, *, device: str | None = None, amp: bool | None = None, engine: str | None = None
    ) -> None:
        self._root = root.resolve()
        self._parsing = threading.RLock()  # pieces are prepared and finished by threads of their own
        with _explained("its folder cannot be read"):
            for part in (CONFIG, _METADATA, WEIGHTS):
                if not (self._root / part).is_file():
                    raise Refusal(Reason.BUNDLE, f"The bundle has no {part}. Give the bundle folder with -m.")
        chosen_device = None if device is None else _present_device(device)
        if str(self._root) not in sys.path:
            sys.path.insert(0, str(self._root))  # the config names classes of the bundle's own package
        with _explained("configs/inference.yaml or configs/metadata.json cannot be read"):
            metadata = json.loads((self._root / _METADATA).read_text(encoding="utf-8"))
            self.name = str(metadata.get("name", "unnamed"))
            self.version = str(metadata["version"])
            self.limits = limits_of(self._root)
            self._parser = ConfigParser()
            self._parser.read_meta(self._root / _METADATA)
            self._parser.read_config(self._root / CONFIG)
            self._parser["bundle_root"] = str(self._root)
            if chosen_device is not None:
                self._parser["device"] = chosen_device
            if amp is not None:
                self._parser["amp"] = amp
            if engine is not None and "engine" in self._parser:
                self._parser["engine"] = engine
            if self._parser.get("context") is not None and not (self._root / CONTEXT_WEIGHTS).is_file():
                raise Refusal(
                    Reason.BUNDLE,
                    f"The bundle has no {CONTEXT_WEIGHTS}, but its config uses a context network. Install the whole "
                    "bundle.",
                )
            self.device = torch.device(self._parser.get_parsed_content("device"))
            self.amp = bool(self._parser.get_parsed_content("amp"))
        digests = digests_of(self._root)
        self.warnings = [] if is_recorded(self._root, digests.weights_sha256) else [not_recorded()]
        if digests.context_sha256 and not is_recorded(self._root, digests.context_sha256, CONTEXT_WEIGHTS):
            self.warnings.append(not_recorded(CONTEXT_WEIGHTS))
        for warning in self.warnings:
            logger.warning(warning)
        self.config_sha256 = digests.config_sha256
        self.scripts_sha256 = digests.scripts_sha256
        self.weights_sha256 = digests.weights_sha256
        self.context_sha256 = digests.context_sha256

    @property
    def device_name(self) -> str:
        """Name of the processor for the report."""
        return torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else self.device.type

    @property
    def engine(self) -> str:
        """The engine that ran the network, with its version; known once it has run."""
        return getattr(self._network, "engine_name", f"torch {torch.__version__}")

    def slabs(self, slices: int, spacing_mm: float) -> list[Slab | None]:
        """Pieces in which a volume goes through the bundle, by its `slabs`.

        Args:
            slices: slices of the source, ascending towards the head.
            spacing_mm: their distance.

        Returns:
            The pieces, from feet to head; one piece, None, for a bundle without `slabs`, which takes volumes whole.
        """
        if "slabs" not in self._parser:
            return [None]
        with _explained("slabs in configs/inference.yaml is not valid"):
            return self._parser.get_parsed_content("slabs")(slices, spacing_mm)

    def context_map(self, pieces: Iterable[torch.Tensor], slices: int) -> tuple[torch.Tensor | None, list[str]]:
        """Run the bundle's `context` network on a whole scan.

        Args:
            pieces: consecutive slices of the scan from feet to head, as `preprocess` takes them; together all slices.
            slices: of the whole scan.

        Returns:
            The map for `preprocess`, None for a bundle without `context`; and what is doubtful about it.
        """
        if self._parser.get("context") is None:
            return None, []
        with (
            _explained(f"context in configs/inference.yaml is not valid, or {CONTEXT_WEIGHTS} does not fit it"),
            self._parsing,
        ):
            context = self._parser.get_parsed_content("context")
            context.load()
        context_map = context(pieces, slices)
        return context_map, context.warnings_about(context_map)

    def preprocess(
        self, image: torch.Tensor, slab: Slab | None = None, context_map: torch.Tensor | None = None
    ) -> dict[str, Any]:
        """Apply the bundle's `preprocessing`.

        Args:
            image: MetaTensor (1, column, row, slice) in HU with its RAS affine; of a slab its `source` slices.
            slab: which piece this is, None for the whole volume.
            context_map: what the method of that name gave for the whole volume.

        Returns:
            The bundle's dictionary; "image" is the normalised volume on the working grid. A slab is on the bundle's
            device from here to the source grid; a whole volume, which may be of any size, stays in main memory.
        """
        data: dict[str, Any] = {"image": image if slab is None else image.to(self.device)}
        given = {"slab": slab, "context_map": context_map}
        return self._transforms("preprocessing")(data | {key: v for key, v in given.items() if v is not None})

    def synthesize(self, data: Mapping[str, Any]) -> torch.Tensor:
        """Run the network with the bundle's `inferer`.

        Args:
            data: what `preprocess` returned; of a slab with "brightest", the largest value of "image" over all slices
                of the volume, shape (X, Y).

        Returns:
            Normalised synthetic volume (1, ...) on the working grid, float32.
        """
        return self._infer(data, self._network)

    def uncertainty(self, data: Mapping[str, Any]) -> torch.Tensor:
        """Run the network with the bundle's `uncertainty_def` around it, then `uncertainty_postprocessing`.

        Args:
            data: as for `synthesize`.

        Returns:
            Standard deviation of the synthetic HU on the source grid, (1, column, row, slice); of a slab its `wanted`
            slices.

        Raises:
            Refusal: BUNDLE, when the bundle has no such part.
        """
        if "uncertainty_def" not in self._parser:
            raise Refusal(
                Reason.BUNDLE, "The bundle has no uncertainty_def. Set uncertainty.enabled: false in app.yaml."
            )
        with _explained("uncertainty_def in configs/inference.yaml is not valid"):
            network = self._parser.get_parsed_content("uncertainty_def")(self._network)
        return self._transforms("uncertainty_postprocessing")({**data, "pred": self._infer(data, network)})["pred"]

    def _infer(self, data: Mapping[str, Any], network: torch.nn.Module) -> torch.Tensor:
        with _explained("inferer in configs/inference.yaml is not valid"), self._parsing:
            inferer = self._parser.get_parsed_content("inferer")
        further: dict[str, Any] = {"brightest": data["brightest"]} if "brightest" in data else {}
        if "slab" in data:
            further["wanted"] = data["slab"].synthesised
        if "context" in data:
            further["context"] = data["context"][None]  # (1, C, x, y, Z)
        with torch.inference_mode():
            synthetic = inferer(inputs=data["image"][None], network=network, **further)  # (1, 1, X, Y, Z)
        return synthetic[0].float()  # (1, X, Y, Z)

    @cached_property
    def _network(self) -> torch.nn.Module:
        """The network with its weights, on its device, as the bundle's `inference_network` runs it where it has one."""
        with _explained("network_def in configs/inference.yaml is not valid"):
            network = self._parser.get_parsed_content("network_def")
        with _explained("models/model.pt does not fit network_def"):
            network.load_state_dict(torch.load(self._root / WEIGHTS, map_location="cpu", weights_only=True))
        network = network.to(self.device).eval()
        if not any(values.dim() == 5 for values in network.parameters()):  # the layout does not exist for volumes
            network = network.to(memory_format=torch.channels_last)  # convolutions are faster
        if "inference_network" not in self._parser:
            return network
        with _explained("inference_network in configs/inference.yaml is not valid"):
            return self._parser.get_parsed_content("inference_network").eval()

    def postprocess(self, data: dict[str, Any]) -> torch.Tensor:
        """Apply the bundle's `postprocessing`.

        Args:
            data: what `preprocess` returned, with the synthetic volume added as "pred".

        Returns:
            Synthetic HU on the source grid, (1, column, row, slice); of a slab its `wanted` slices.
        """
        return self._transforms("postprocessing")(data)["pred"]

    def _transforms(self, name: str) -> Compose:
        """A compose of the config without its file transforms: the app reads and writes DICOM itself."""
        with _explained(f"{name} in configs/inference.yaml is not valid"), self._parsing:
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
        raise Refusal(Reason.DEVICE, "The device is not known. Give --device auto, cpu, cuda or cuda:N.")
    number = device.index or 0
    if device.type == "cuda" and number >= torch.cuda.device_count():
        raise Refusal(
            Reason.NO_GPU,
            f"GPU {number} is not there: PyTorch finds {torch.cuda.device_count()} GPU(s), counted from 0. Give "
            "another one or --device cpu.",
        )
    return device


@contextmanager
def _explained(what: str) -> Iterator[None]:
    """Convert any error of the bundle while it is opened to a refusal that names the faulty part."""
    try:
        yield
    except (Refusal, MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        raise Refusal(
            Reason.BUNDLE,
            f"The bundle cannot be used: {what} ({type(error).__name__}). Install it again, or give another one with "
            "-m.",
        ) from error
