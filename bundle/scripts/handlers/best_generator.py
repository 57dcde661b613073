"""Keeps the best generator of a run, across resumes."""

import logging
from pathlib import Path

import ignite.distributed as idist
from ignite.engine import Engine, Events
from torch import nn

from scripts.handlers.whole_file import save_whole

logger = logging.getLogger(__name__)


class BestGenerator:
    """Write the generator's raw state dict whenever a validation metric reaches a new best.

    MONAI's `CheckpointSaver` forgets the best value when a run is resumed, and then overwrites a better file; this one
    is part of the checkpoint (`state_dict`) and replaces the file in one step. With several processes the first one
    writes.

    Args:
        generator: the network to keep.
        path: file to write.
        metric: name of a metric of the validation engine; larger is better.
    """

    def __init__(self, generator: nn.Module, path: str | Path, metric: str) -> None:
        self.generator = generator
        self.path = Path(path)
        self.metric = metric
        self.best = float("-inf")

    def attach(self, engine: Engine) -> None:
        """Attach to the validation engine."""
        engine.add_event_handler(Events.COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Compare and keep."""
        value = float(engine.state.metrics[self.metric])
        if not value > self.best:  # so written that NaN is never a best value
            return
        self.best = value
        if idist.get_rank() == 0:
            save_whole(self.generator.state_dict(), self.path)
            logger.info("New best %s: %.4g", self.metric, value)

    def state_dict(self) -> dict[str, float]:
        return {"best": self.best}

    def load_state_dict(self, state: dict[str, float]) -> None:
        self.best = state["best"]
