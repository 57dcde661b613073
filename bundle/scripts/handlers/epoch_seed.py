"""Seeds every epoch, so that a resumed run draws what an uninterrupted one would have drawn."""

from ignite.engine import Engine, Events
from monai.data.utils import set_rnd
from monai.utils import set_determinism


class EpochSeed:
    """Set the seeds of Python, NumPy, torch and the data set's transforms from the run's seed and the epoch.

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
        seed = self.seed + self._STRIDE * engine.state.epoch
        set_determinism(seed, use_deterministic_algorithms=None)
        # MONAI's random transforms keep states of their own, seeded once when the loader was made.
        set_rnd(engine.state.dataloader.dataset, seed)
