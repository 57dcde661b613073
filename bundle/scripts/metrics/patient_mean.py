"""Averages a volume metric over patients in an ignite engine."""

from collections.abc import Callable, Sequence

import ignite.distributed as idist
import numpy as np
import torch
from ignite.engine import Engine
from ignite.metrics import Metric

from scripts.hu_window import HUWindow
from scripts.metrics.body import body_structures
from scripts.structures import Structure, is_lumen


class PatientMean(Metric):
    """Mean over patients of a metric of (prediction, reference, structures), the first two in HU.

    With several processes, over the patients of all of them. Needs a decollating MONAI engine. Where the batch has no
    "structures", the body is found in the input by `body_structures`; the lumen is what a "lumen" mask says, if any.

    Args:
        metric: a function of `scripts.metrics`.
        hu_range: HU that -1 and 1 stand for.
        reference: key of the normalised reference, "label" for the CTA or "image" for the NCCT.
        skip_undefined: leave out patients for whom the metric is NaN, as the lumen error is where no lumen is in
            view. NaN when no patient is left.
        needs_structures: NaN for patients without "structures": a metric that must know all that enhances.
        lumen_labels: values of "lumen" that are arteries; None for all above 0.
    """

    def __init__(
        self,
        metric: Callable[..., float],
        hu_range: Sequence[float],
        reference: str = "label",
        skip_undefined: bool = False,
        needs_structures: bool = False,
        lumen_labels: Sequence[int] | None = None,
    ) -> None:
        self._metric = metric
        self._skip_undefined = skip_undefined
        self._needs_structures = needs_structures
        self._lumen_labels = lumen_labels
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
            if self._needs_structures and "structures" not in patient:
                self._values.append(float("nan"))
                continue
            structures = self._structures(patient)
            self._values.append(self._metric(self._hu(patient["pred"]), self._hu(patient[self._reference]), structures))

    def compute(self) -> float:
        values = self._values
        if idist.get_world_size() > 1:
            values = [value for share in idist.all_gather(self._values) for value in share]
        if self._skip_undefined:
            values = [value for value in values if not np.isnan(value)]
        return float(np.mean(values)) if values else float("nan")

    def _structures(self, patient: dict[str, torch.Tensor]) -> np.ndarray:
        if "structures" in patient:
            return np.asarray(patient["structures"].cpu())[0]
        structures = body_structures(self._hu(patient["image"]))
        if "lumen" in patient:
            labels = np.asarray(patient["lumen"].cpu())[0]
            structures[is_lumen(labels, self._lumen_labels)] = Structure.ARTERIAL_LUMEN
        return structures

    def _hu(self, volume_norm: torch.Tensor) -> np.ndarray:
        return self._window.to_hu(np.asarray(volume_norm.cpu(), dtype=np.float32)[0])
