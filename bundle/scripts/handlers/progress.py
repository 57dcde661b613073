"""A progress bar over the whole training: epoch, step, losses, time left."""

from collections.abc import Sequence

from ignite.engine import Engine, Events
from tqdm import tqdm


class Progress:
    """Show one bar from the first to the last step of all epochs, with the losses of the last one.

    ignite's `ProgressBar` restarts with every epoch and so never shows when the run will be done.

    Args:
        losses: names of scalars in the engine's output.
    """

    def __init__(self, losses: Sequence[str]) -> None:
        self.losses = losses
        self._bar: tqdm | None = None

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer whose output holds the losses."""
        engine.add_event_handler(Events.EPOCH_STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._step)
        engine.add_event_handler(Events.COMPLETED | Events.TERMINATE | Events.EXCEPTION_RAISED, self._stop)

    def _start(self, engine: Engine) -> None:
        if self._bar is not None:
            return
        state = engine.state  # a resumed run knows its iteration only now
        total = state.max_epochs * state.epoch_length
        self._bar = tqdm(desc="training", unit="step", total=total, initial=state.iteration, dynamic_ncols=True)

    def _step(self, engine: Engine) -> None:
        if self._bar is None:
            return
        state = engine.state
        figures = {name.removesuffix("_loss"): f"{float(state.output[name]):.3f}" for name in self.losses}
        self._bar.set_postfix({"epoch": f"{state.epoch}/{state.max_epochs}", **figures}, refresh=False)
        self._bar.update()

    def _stop(self, engine: Engine, error: Exception | None = None) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        if error is not None:
            raise error
