"""Runs the bundle's own inference config on one volume, without its data set and without saving."""

from pathlib import Path

import torch
from monai.bundle import ConfigParser
from monai.transforms import Compose, SaveImaged

_BUNDLE = Path(__file__).resolve().parents[2]
_CONFIG = _BUNDLE / "configs" / "inference.yaml"


class Synthesis:
    """The shipped pipeline from a file in HU to a synthetic volume in HU on the same grid.

    Args:
        checkpoint: weights of the generator; None for the bundle's own.
        config: inference config to read.
    """

    def __init__(self, checkpoint: str | Path | None = None, config: Path = _CONFIG) -> None:
        parser = ConfigParser(ConfigParser.load_config_file(config))
        parser["bundle_root"] = str(_BUNDLE)
        self.preprocessing: Compose = parser.get_parsed_content("preprocessing")
        postprocessing: Compose = parser.get_parsed_content("postprocessing")
        self.postprocessing = Compose([step for step in postprocessing.transforms if not isinstance(step, SaveImaged)])
        self.hu_range: list[float] = parser.get_parsed_content("hu_range")
        self.inferer = parser.get_parsed_content("inferer")
        self.network = parser.get_parsed_content("network").eval()
        checkpoint = checkpoint or parser.get_parsed_content("checkpoint")
        device = parser.get_parsed_content("device")
        self.network.load_state_dict(torch.load(checkpoint, map_location=device, weights_only=True))

    def __call__(self, path: str | Path) -> tuple[torch.Tensor, torch.Tensor]:
        """Synthesise one volume.

        Args:
            path: NIfTI file or DICOM folder in HU.

        Returns:
            The source and the synthetic volume in HU, MetaTensors of shape (1, X, Y, Z) with their affine (RAS, mm).
        """
        data = self.preprocessing({"image": str(path)})
        with torch.inference_mode():
            data["pred"] = self.inferer(data["image"][None], self.network)[0]
        data = self.postprocessing(data)
        return data["source"], data["pred"]
