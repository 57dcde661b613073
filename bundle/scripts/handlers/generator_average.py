"""Exponential moving average of the generator's weights."""

from collections.abc import Mapping
from typing import Any

from ignite.engine import Engine, Events
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


class GeneratorAverage:
    """Keep an average of the generator over its last steps, which varies less than the weights after each step.

    Args:
        generator: the network in training.
        decay: share of the average that stays at each step; 0.999 averages over about a thousand steps.
    """

    def __init__(self, generator: nn.Module, decay: float) -> None:
        if not 0 < decay < 1:
            raise ValueError(f"The decay of the average must lie between 0 and 1, found {decay}.")
        self.generator = generator
        self._average = AveragedModel(generator, multi_avg_fn=get_ema_multi_avg_fn(decay))

    @property
    def network(self) -> nn.Module:
        """The generator with averaged weights."""
        return self._average.module

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer."""
        engine.add_event_handler(Events.ITERATION_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Add the step's weights to the average."""
        self._average.update_parameters(self.generator)

    def state_dict(self) -> dict[str, Any]:
        return self._average.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._average.load_state_dict(state)
