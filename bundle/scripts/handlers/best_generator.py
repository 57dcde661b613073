"""Keeps the best generator of a run, across resumes."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import ignite.distributed as idist
from ignite.engine import Engine, Events
from torch import nn

from scripts.files import save_whole
from scripts.handlers.training_data import cohort_digest

logger = logging.getLogger(__name__)


class BestGenerator:
    """Write the generator's raw state dict whenever a validation metric reaches a new best.

    MONAI's `CheckpointSaver` remembers the best value inside the file, which then is no raw state dict; here it is part
    of the checkpoint (`state_dict`). Values of other patients are not compared: a run that continues with another
    validation set starts without a best value. With several processes the first one writes.

    Args:
        generator: the network to keep.
        path: file to write.
        metric: name of a metric of the validation engine; larger is better.
        patients: records of the validation, from `scripts.data.patients`.
    """

    def __init__(self, generator: nn.Module, path: str | Path, metric: str, patients: Sequence[dict]) -> None:
        self.generator = generator
        self.path = Path(path)
        self.metric = metric
        self.best = float("-inf")
        self.best_epoch = 0  # 0: none yet
        self._validator: Engine | None = None
        self._patients = cohort_digest(patients)

    def attach(self, engine: Engine) -> None:
        """Attach to the validation engine."""
        self._validator = engine
        engine.add_event_handler(Events.COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Compare and keep."""
        value = float(engine.state.metrics[self.metric])
        if not value > self.best:  # written so that NaN is never a best value
            return
        self.best, self.best_epoch = value, engine.state.epoch
        if idist.get_rank() == 0:
            save_whole(self.generator.state_dict(), self.path)
            logger.info("New best %s: %.4g", self.metric, value)

    def state_dict(self) -> dict[str, float | str]:
        return {"best": self.best, "epoch": self.best_epoch, "patients": self._patients}

    def load_state_dict(self, state: Mapping[str, float | str]) -> None:
        """Continue from the best value so far; log it, and set it in the validator, whose handlers print it."""
        if state["patients"] != self._patients:
            logger.warning("The validation patients have changed: the next validation replaces %s.", self.path.name)
            return
        self.best, self.best_epoch = float(state["best"]), int(state.get("epoch", 0))
        if self.best_epoch:
            logger.info("Best %s so far: %.4g in epoch %d", self.metric, self.best, self.best_epoch)
            if self._validator is not None:
                self._validator.state.best_metric = self.best
                self._validator.state.best_metric_epoch = self.best_epoch
