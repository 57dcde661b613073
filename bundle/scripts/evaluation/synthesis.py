"""Runs the bundle's own inference config on one volume, without its data set and without saving.

The runner of the bundle. The app has its own (`InferenceBundle`), which takes a scan in slabs and any bundle that is
named with -m, and shares no code with this one: they share only the config. A test checks that both give the same
result.
"""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from monai.bundle import ConfigParser
from monai.transforms import Compose, SaveImaged

from scripts.runtime import InferenceNetwork

_BUNDLE = Path(__file__).resolve().parents[2]
_CONFIG = _BUNDLE / "configs" / "inference.yaml"


class Synthesis:
    """The shipped pipeline from a file in HU to a synthetic volume in HU on the same grid.

    Args:
        checkpoint: weights of the generator; None for the bundle's own.
        config: inference config to read.
        settings: values that replace those of the config, such as `network_def` (a definition or a network) or
            `hu_range`.

    Raises:
        FileNotFoundError: when there are no weights.
        ValueError: when a setting is not one of the config's, or the weights do not fit the network.
    """

    def __init__(
        self,
        checkpoint: str | Path | None = None,
        config: Path = _CONFIG,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        content = ConfigParser.load_config_file(config)
        unknown = sorted(set(settings or {}) - set(content))
        if unknown:
            raise ValueError(f"{config.name} has no setting {', '.join(unknown)}; it has {', '.join(content)}.")
        self.parser = parser = ConfigParser({**content, "bundle_root": str(_BUNDLE), **(settings or {})})
        self.preprocessing: Compose = parser.get_parsed_content("preprocessing")
        postprocessing: Compose = parser.get_parsed_content("postprocessing")
        self.postprocessing = Compose([step for step in postprocessing.transforms if not isinstance(step, SaveImaged)])
        self.hu_range: list[float] = parser.get_parsed_content("hu_range")
        self.inferer = parser.get_parsed_content("inferer")
        self.network: InferenceNetwork = parser.get_parsed_content("inference_network").eval()
        self.checkpoint = Path(checkpoint or parser.get_parsed_content("checkpoint"))
        self._load(parser.get_parsed_content("device"))

    def __call__(self, path: str | Path) -> tuple[torch.Tensor, torch.Tensor]:
        """Synthesise one volume.

        Args:
            path: NIfTI file or DICOM folder in HU.

        Returns:
            The source and the synthetic volume in HU, MetaTensors of shape (1, X, Y, Z) with their affine (RAS, mm).
        """
        data = self.preprocessing({"image": str(path)})
        data["pred"] = self._infer(data, self.network)
        data = self.postprocessing(data)
        return data["source"], data["pred"]

    def with_uncertainty(self, path: str | Path) -> tuple[torch.Tensor, torch.Tensor]:
        """Synthesise one volume and estimate its uncertainty by the config's `uncertainty_def`.

        Args:
            path: NIfTI file or DICOM folder in HU.

        Returns:
            The synthetic volume in HU and the standard deviation of it in HU, MetaTensors of shape (1, X, Y, Z).
        """
        spread = self.parser.get_parsed_content("uncertainty_def")(self.network)
        to_source_grid = self.parser.get_parsed_content("uncertainty_postprocessing")
        data = self.preprocessing({"image": str(path)})
        synthetic, deviation = (self._infer(data, network) for network in (self.network, spread))
        synthetic_hu = self.postprocessing({**data, "pred": synthetic})["pred"]
        return synthetic_hu, to_source_grid({**data, "pred": deviation})["pred"]

    def _infer(self, data: Mapping[str, torch.Tensor], network: torch.nn.Module) -> torch.Tensor:
        """Run a network on a preprocessed volume, (1, X, Y, Z) normalised."""
        context = {"context": data["context"][None]} if "context" in data else {}
        with torch.inference_mode():
            return self.inferer(data["image"][None], network, **context)[0]

    def _load(self, device: torch.device) -> None:
        if not self.checkpoint.is_file():
            raise FileNotFoundError(
                f"No weights at {self.checkpoint}. Train a generator, or give the path of a model.pt."
            )
        network = self.network.network
        try:
            network.load_state_dict(torch.load(self.checkpoint, map_location=device, weights_only=True))
        except (RuntimeError, pickle.UnpicklingError, TypeError) as error:
            # torch lists every tensor; the first lines show what kind of thing does not fit.
            first = "\n".join(str(error).splitlines()[:3])
            raise ValueError(
                f"{self.checkpoint} does not fit {type(network).__name__}. Give the weights of the generator (model.pt "
                "of its run); for another network also its network_def; for one that was trained without context maps "
                f"also context: null.\n{first}"
            ) from error
