import os
import signal

import ignite.distributed as idist
import pytest
import torch
from ignite.engine import Engine, Events

from scripts.handlers import Checkpoints, StopSignal

STEPS = 4


class StoppedAtOnce(Exception):
    """What signals do here where no run listens, instead of ending pytest."""


@pytest.fixture(autouse=True)
def signals_of_pytest():
    """Put aside, and back again: a run keeps its own until `exit_if_stopped`, which not every test calls."""

    def stop_at_once(*_):
        raise StoppedAtOnce

    before = {number: signal.signal(number, stop_at_once) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def process_group(monkeypatch):
    """This process as a group of one, as torchrun with one process makes it."""
    monkeypatch.setenv("LOCAL_RANK", "0")
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()
    idist.sync()  # ignite keeps what it found


class Steps:
    """Counts steps; stands for whatever a run has to save."""

    def __init__(self) -> None:
        self.done = 0

    def state_dict(self) -> dict[str, int]:
        return {"done": self.done}


def run(folder, signals: dict[int, list[int]], epochs: int = 3) -> tuple[Steps, StopSignal]:
    """Run some epochs, sending this process signals in given steps, one after another."""
    steps = Steps()

    def step(engine: Engine, batch: int) -> None:
        steps.done += 1
        for number in signals.get(steps.done, []):
            os.kill(os.getpid(), number)

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
    steps, _ = run(tmp_path, {6: [number]})
    assert steps.done == 6
    assert (tmp_path / "checkpoint_epoch=2.pt").is_file()


def test_in_the_last_step_of_an_epoch_the_epoch_is_completed_first(tmp_path):
    steps, _ = run(tmp_path, {4: [signal.SIGTERM]})
    assert steps.done == 4
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoint_epoch=1.pt"}


def test_a_stopped_process_ends_with_the_code_of_its_signal(tmp_path):
    _, stop_signal = run(tmp_path, {2: [signal.SIGTERM]})
    assert exit_code(stop_signal) == 143


def test_of_two_signals_the_first_gives_the_code(tmp_path):
    _, stop_signal = run(tmp_path, {2: [signal.SIGINT, signal.SIGTERM]})
    assert exit_code(stop_signal) == 130


def test_a_finished_process_just_goes_on(tmp_path):
    steps, stop_signal = run(tmp_path, {})
    stop_signal.exit_if_stopped()
    assert steps.done == 3 * STEPS


@pytest.mark.parametrize("signals", [{}, {2: [signal.SIGTERM]}], ids=["finished", "stopped"])
def test_afterwards_signals_mean_what_they_meant_before(tmp_path, signals):
    before = signal.getsignal(signal.SIGTERM)
    _, stop_signal = run(tmp_path, signals)
    exit_code(stop_signal)
    assert signal.getsignal(signal.SIGTERM) is before


def test_sigterm_again_changes_nothing(tmp_path):
    """Slurm and systemd send it to a process that torchrun passes its own on to."""
    run(tmp_path, {2: [signal.SIGTERM, signal.SIGTERM]})
    assert (tmp_path / "checkpoint_epoch=1.pt").is_file()


def test_sigterm_after_the_checkpoint_lets_the_process_close_its_files(tmp_path):
    """torchrun sends it to the first process when another has ended."""
    _, stop_signal = run(tmp_path, {2: [signal.SIGTERM]})
    os.kill(os.getpid(), signal.SIGTERM)
    assert exit_code(stop_signal) == 143


def test_ctrl_c_again_stops_at_once(tmp_path):
    with pytest.raises(StoppedAtOnce):
        run(tmp_path, {2: [signal.SIGINT, signal.SIGINT]})


def test_in_a_group_ctrl_c_again_changes_nothing(tmp_path, process_group):
    """A terminal sends it to a process that torchrun passes its own on to."""
    run(tmp_path, {2: [signal.SIGINT, signal.SIGINT]})
    assert (tmp_path / "checkpoint_epoch=1.pt").is_file()


def exit_code(stop_signal: StopSignal) -> int | None:
    """Code that the process would end with; None when it would go on."""
    try:
        stop_signal.exit_if_stopped()
    except SystemExit as left:
        return left.code
    return None
