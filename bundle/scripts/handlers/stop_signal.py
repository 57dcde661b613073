"""Stops a run on SIGINT (Ctrl-C) or SIGTERM with a checkpoint, so that nothing is lost."""

import logging
import signal
import threading
from types import FrameType

import ignite.distributed as idist
from ignite.engine import Engine, Events

from scripts.handlers.checkpoints import Checkpoints

logger = logging.getLogger(__name__)

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def leave_signals_to_trainer(worker: int) -> None:
    """Let a worker of a data loader outlive the signals that stop a run: its `worker_init_fn`.

    Slurm and systemd send SIGTERM to every process of a job. A worker that ended on it would take the run down before
    its checkpoint. Workers end with the loader, or soon after its process.

    Args:
        worker: number of the worker, not used.
    """
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


class StopSignal:
    """Let the step under way end, write a checkpoint, stop. Ctrl-C again stops a process that trains alone at once.

    Other signals that come again change nothing, since one request may arrive twice: Slurm and systemd send SIGTERM to
    every process of a job, and torchrun passes its own on to its processes. Each of them kills what has not ended in
    time. A signal during validation takes effect when that is over. With several processes all stop at the same step,
    whichever of them got the signal.

    Args:
        checkpoints: writes the checkpoint.
    """

    def __init__(self, checkpoints: Checkpoints) -> None:
        self.checkpoints = checkpoints
        self._received: int | None = None
        self._stopped = False
        self._alone = True
        self._before: dict[int, signal._HANDLER] = {}

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer, after the checkpoints."""
        engine.add_event_handler(Events.STARTED, self._listen)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._stop_within_epoch)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._stop_if_asked)

    def exit_if_stopped(self) -> None:
        """End the process with the first signal's exit code, so that scripts notice that the run is not finished.

        Until then signals that come again do no harm: torchrun sends SIGTERM to the others as soon as one has ended,
        which may be while the first one still closes its files.

        Raises:
            SystemExit: with 128 + signal, when the run was stopped.
        """
        self._stop_listening()
        if self._stopped:
            raise SystemExit(128 + (self._received or signal.SIGTERM))

    def _listen(self, engine: Engine) -> None:
        self._alone = idist.backend() is None  # not at a signal: ignite's first look at a group takes all of it
        if threading.current_thread() is threading.main_thread():  # other threads cannot set handlers
            self._before = {number: signal.getsignal(number) for number in _SIGNALS}
            for number in _SIGNALS:
                signal.signal(number, self._receive)

    def _stop_listening(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self._received = self._received or number
        if number == signal.SIGINT and self._alone:  # a process that ended at once would leave the others waiting
            signal.signal(number, self._before[number])

    def _stop_within_epoch(self, engine: Engine) -> None:
        # After an epoch's last step its validation and schedules come first, or a resumed run would miss them.
        if engine.state.iteration % engine.state.epoch_length:
            self._stop_if_asked(engine)

    def _stop_if_asked(self, engine: Engine) -> None:
        if not self._is_asked():
            return
        self._stopped = True
        self.checkpoints.save(engine)
        logger.info(
            "Stopped at step %d. To resume, give the same command with --resume True added.", engine.state.iteration
        )
        engine.terminate()

    def _is_asked(self) -> bool:
        return bool(idist.all_reduce(int(self._received is not None), "MAX"))
