"""Seeds every step, so that a resumed run draws what an uninterrupted one would have drawn."""

import logging

import torch
from ignite.engine import Engine, Events
from ignite.utils import manual_seed

from scripts.data import BalancedSampler

logger = logging.getLogger(__name__)


def seed_run(seed: int, deterministic: bool) -> None:
    """Seed Python, NumPy and torch for the networks' first weights, and choose between speed and repeatability.

    Args:
        seed: the run's seed.
        deterministic: take only algorithms that give the same result every time. On a GPU this is slower, and torch
            warns where it has no such algorithm, as for the gradients of the warp.
    """
    manual_seed(seed)
    torch.backends.cudnn.benchmark = not deterministic
    torch.backends.cudnn.deterministic = deterministic
    torch.use_deterministic_algorithms(deterministic, warn_only=True)


class StepSeed:
    """Set the seeds of Python, NumPy and torch at every step from the run's seed and the step alone.

    No state of a random generator has to be saved then. The sampler gets the epoch, and how many of its draws a stopped
    run has used.

    Args:
        seed: the run's seed.
        sampler: of the training slices.
        batch_size: draws in a step of this process.
    """

    _STRIDE = 10_007

    def __init__(self, seed: int, sampler: BalancedSampler, batch_size: int) -> None:
        self.seed = seed
        self.sampler = sampler
        self.batch_size = batch_size

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer."""
        engine.add_event_handler(Events.EPOCH_STARTED, self._start_epoch)
        engine.add_event_handler(Events.ITERATION_STARTED, self._seed_step)

    def _start_epoch(self, engine: Engine) -> None:
        state = engine.state
        steps = len(self.sampler) // self.batch_size
        if state.epoch_length != steps:
            # The checkpoint's epochs had another length: continue with the first step of this epoch.
            logger.warning("Epochs now have %d steps; before the resume they had %d.", steps, state.epoch_length)
            state.epoch_length = steps
            state.iteration = (state.epoch - 1) * steps
        self.sampler.start(state.epoch, skipped=state.iteration % steps * self.batch_size)

    def _seed_step(self, engine: Engine) -> None:
        manual_seed((self.seed + self._STRIDE * engine.state.iteration) % 2**32)
