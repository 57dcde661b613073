"""The network of a finished training, as a model for `score_cohort`."""

import nibabel
import numpy as np
import torch
from monai.bundle import ConfigParser
from monai.data import MetaTensor
from monai.transforms import Orientation

from scripts.hu_window import HUWindow


class TrainedNetwork:
    """Synthesises the held-out volumes of a training config, whatever network and window that config has.

    Args:
        parser: train.yaml with its overlays, after its training.
    """

    def __init__(self, parser: ConfigParser) -> None:
        self.dataset = parser.get_parsed_content("validate#dataset")
        self.network = parser.get_parsed_content("network").eval()
        self.inferer = parser.get_parsed_content("validate#inferer")
        self.window = HUWindow(parser.get_parsed_content("hu_range"))

    def __call__(self, path: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Synthesise one held-out volume.

        Args:
            path: its NIfTI file, as the datalist names it.

        Returns:
            NCCT as the network saw it, and the synthetic volume, in HU in the file's index order, (1, X, Y, Z).
        """
        item = self.dataset[next(i for i, record in enumerate(self.dataset.data) if record["image"] == path)]
        ncct_norm = item["image"]
        context = {"context": item["context"][None]} if "context" in item else {}
        with torch.inference_mode():
            synthetic_norm = self.inferer(ncct_norm.as_tensor()[None], self.network, **context)[0].float().cpu()
        axes = nibabel.aff2axcodes(nibabel.load(path).affine)
        as_stored = Orientation(axcodes="".join(axes), labels=None)
        ncct, synthetic = (
            as_stored(MetaTensor(self.window.to_hu(np.asarray(volume)), affine=ncct_norm.affine))
            for volume in (ncct_norm, synthetic_norm)
        )
        return ncct, synthetic
