"""Seeds every epoch, so that a resumed run draws what an uninterrupted one would have drawn."""

from ignite.engine import Engine, Events
from monai.utils import set_determinism


class EpochSeed:
    """Set the seeds of Python, NumPy and torch from the run's seed and the epoch when an epoch starts.

    Args:
        seed: the run's seed.
    """

    _STRIDE = 10_007

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer."""
        engine.add_event_handler(Events.EPOCH_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Seed for the engine's epoch."""
        set_determinism(self.seed + self._STRIDE * engine.state.epoch, use_deterministic_algorithms=None)
