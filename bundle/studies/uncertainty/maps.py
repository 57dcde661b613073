"""The shipped pipeline with its uncertainty map."""

from pathlib import Path

import torch

from scripts.evaluation.synthesis import Synthesis


class SynthesisWithUncertainty(Synthesis):
    """Adds the config's `uncertainty_def` and `uncertainty_postprocessing`; the arguments are those of `Synthesis`."""

    def with_uncertainty(self, path: str | Path) -> tuple[torch.Tensor, torch.Tensor]:
        """Synthesise one volume and estimate its uncertainty.

        Args:
            path: NIfTI file or DICOM folder in HU.

        Returns:
            The synthetic volume in HU and the standard deviation of it in HU, MetaTensors of shape (1, X, Y, Z).
        """
        network = self.parser.get_parsed_content("uncertainty_def")(self.network)
        to_source_grid = self.parser.get_parsed_content("uncertainty_postprocessing")
        data = self.preprocessing({"image": str(path)})
        synthetic, spread = (self._infer(data, model) for model in (self.network, network))
        return self.postprocessing({**data, "pred": synthetic})["pred"], to_source_grid({**data, "pred": spread})[
            "pred"
        ]
