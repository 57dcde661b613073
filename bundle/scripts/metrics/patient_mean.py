"""Averages a volume metric over patients in an ignite engine."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from ignite.engine import Engine
from ignite.metrics import Metric

from scripts.hu_window import HUWindow
from scripts.structures import Structure

_BODY_HU = -500.0


class PatientMean(Metric):
    """Mean over patients of a metric of (prediction, reference, structures), the first two in HU.

    Needs a decollating MONAI engine. Where the batch has no
    "structures", the body is what is brighter than -500 HU in the input, and no lumen is known.

    Args:
        metric: a function of `scripts.metrics`.
        hu_range: HU that -1 and 1 stand for.
        reference: key of the normalised reference, "label" for the CTA or "image" for the NCCT.
        skip_undefined: leave out patients for whom the metric is NaN, as the lumen error is where no lumen is in
            view.
    """

    def __init__(
        self,
        metric: Callable[..., float],
        hu_range: Sequence[float],
        reference: str = "label",
        skip_undefined: bool = False,
    ) -> None:
        self._metric = metric
        self._skip_undefined = skip_undefined
        self._window = HUWindow(hu_range)
        self._reference = reference
        super().__init__()

    def reset(self) -> None:
        self._values: list[float] = []

    def iteration_completed(self, engine: Engine) -> None:
        """Take batch and output together: ignite's transform would see the output alone, without the structures."""
        self.update(
            [{**batch, **output} for batch, output in zip(engine.state.batch, engine.state.output, strict=True)]
        )

    def update(self, output: Sequence[dict[str, torch.Tensor]]) -> None:
        for patient in output:
            structures = self._structures(patient)
            self._values.append(self._metric(self._hu(patient["pred"]), self._hu(patient[self._reference]), structures))

    def compute(self) -> float:
        return float(np.nanmean(self._values) if self._skip_undefined else np.mean(self._values))

    def _structures(self, patient: dict[str, torch.Tensor]) -> np.ndarray:
        if "structures" in patient:
            return np.asarray(patient["structures"].cpu())[0]
        body = self._hu(patient["image"]) > _BODY_HU
        return np.where(body, Structure.BODY, Structure.OUTSIDE)

    def _hu(self, volume_norm: torch.Tensor) -> np.ndarray:
        return self._window.to_hu(np.asarray(volume_norm.cpu(), dtype=np.float32)[0])
