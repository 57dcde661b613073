import os
import signal

import pytest
from ignite.engine import Engine, Events

from scripts.handlers import Checkpoints, StopSignal

STEPS = 4


class Steps:
    """Counts steps; stands for whatever a run has to save."""

    def __init__(self) -> None:
        self.done = 0

    def state_dict(self) -> dict[str, int]:
        return {"done": self.done}


def run(folder, signals: dict[int, int], epochs: int = 3) -> tuple[Steps, StopSignal]:
    """Run some epochs, sending this process signals in given steps."""
    steps = Steps()

    def step(engine: Engine, batch: int) -> None:
        steps.done += 1
        if steps.done in signals:
            os.kill(os.getpid(), signals[steps.done])

    engine = Engine(step)
    checkpoints = Checkpoints(folder, {"steps": steps})
    stop_signal = StopSignal(checkpoints)
    checkpoints.attach(engine)
    stop_signal.attach(engine)
    engine.add_event_handler(Events.EPOCH_COMPLETED, lambda engine: None)
    engine.run([0] * STEPS, max_epochs=epochs)
    return steps, stop_signal


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_step_under_way_ends_and_is_saved(tmp_path, number):
    steps, _ = run(tmp_path, {6: number})
    assert steps.done == 6
    assert (tmp_path / "checkpoint_epoch=2.pt").is_file()


def test_in_the_last_step_of_an_epoch_the_epoch_is_completed_first(tmp_path):
    steps, _ = run(tmp_path, {4: signal.SIGTERM})
    assert steps.done == 4
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoint_epoch=1.pt"}


def test_a_stopped_process_ends_with_the_code_of_its_signal(tmp_path):
    _, stop_signal = run(tmp_path, {2: signal.SIGTERM})
    with pytest.raises(SystemExit) as left:
        stop_signal.exit_if_stopped()
    assert left.value.code == 143


def test_a_finished_process_just_goes_on(tmp_path):
    steps, stop_signal = run(tmp_path, {})
    stop_signal.exit_if_stopped()
    assert steps.done == 3 * STEPS


def test_afterwards_signals_mean_what_they_meant_before(tmp_path):
    before = signal.getsignal(signal.SIGTERM)
    run(tmp_path, {2: signal.SIGTERM})
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_same_signal_again_stops_at_once(tmp_path):
    class Twice(Exception):
        pass

    def stop_at_once(*_):
        raise Twice

    before = signal.signal(signal.SIGTERM, stop_at_once)
    try:
        with pytest.raises(Twice):
            run_with_two_signals(tmp_path)
    finally:
        signal.signal(signal.SIGTERM, before)


def run_with_two_signals(folder) -> None:
    def step(engine: Engine, batch: int) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)

    engine = Engine(step)
    StopSignal(Checkpoints(folder, {})).attach(engine)
    engine.run([0] * STEPS)
