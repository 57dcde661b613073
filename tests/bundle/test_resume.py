"""A run that was stopped, however it was, goes on as if nothing had happened."""

import os
import signal
import time
from pathlib import Path

import pytest
import torch
from bundle.small_cohort import write_small_cohort
from bundle.small_training import checkpoint, command, curve, train
from bundle.warm_run import WarmRun

pytestmark = [pytest.mark.slow, pytest.mark.long]

EPOCHS = 3
SETTINGS = {
    "max_epochs": EPOCHS, "slices_per_epoch": 12, "num_workers": 2, "ema_decay": 0.9, "deterministic": True,
    "paired_prob": 1.0, "misalignment_prob": 1.0, "noise_prob": 1.0,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Sums over several threads may differ in their last digit."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def uninterrupted(bundle_folder, small_datalist, tmp_path_factory) -> Path:
    return train(bundle_folder, small_datalist, tmp_path_factory.mktemp("uninterrupted"), **SETTINGS)


def kill(run: WarmRun) -> None:
    os.killpg(run.pid, signal.SIGKILL)


def terminate(run: WarmRun) -> None:
    os.kill(run.pid, signal.SIGTERM)


def cancel_job(run: WarmRun) -> None:
    """Slurm and systemd send SIGTERM to the workers too."""
    os.killpg(run.pid, signal.SIGTERM)


def press_ctrl_c(run: WarmRun) -> None:
    """A terminal sends SIGINT to the workers too."""
    os.killpg(run.pid, signal.SIGINT)


STOPS = [(kill, -9), (terminate, 143), (cancel_job, 143), (press_ctrl_c, 130)]


@pytest.fixture(scope="module", params=STOPS, ids=lambda stop: stop[0].__name__)
def resumed(request, bundle_folder, small_datalist, tmp_path_factory) -> Path:
    """Folder of a run that was stopped in its second epoch, and resumed with another number of workers."""
    stop, expected_code = request.param
    out = tmp_path_factory.mktemp("resumed")
    run = WarmRun(bundle_folder, command(small_datalist, out, **SETTINGS), out / "log")
    deadline = time.monotonic() + 300
    while not (out / "checkpoint_epoch=1.pt").is_file() and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    stop(run)
    printed = run.communicate(timeout=120)
    assert run.returncode == expected_code, printed[-2000:]
    assert not (out / f"checkpoint_epoch={EPOCHS}.pt").exists(), "the run was over before it was stopped"
    return train(bundle_folder, small_datalist, out, **(SETTINGS | {"resume": True, "num_workers": 0}))


@pytest.mark.parametrize("name", ["generator", "registration", "discriminator", "average"])
def test_it_ends_with_the_same_weights(uninterrupted, resumed, name):
    expected = checkpoint(uninterrupted, EPOCHS)[name]
    found = checkpoint(resumed, EPOCHS)[name]
    assert all(torch.equal(found[key], value) for key, value in expected.items())


@pytest.mark.parametrize("tag", ["loss", "discriminator_loss", "generator_lr", "psnr_db"])
def test_its_curve_goes_on(uninterrupted, resumed, tag):
    assert curve(resumed, tag) == curve(uninterrupted, tag)


def test_other_training_data_are_refused(bundle_folder, uninterrupted, tmp_path):
    (tmp_path / "checkpoint_epoch=1.pt").write_bytes((uninterrupted / f"checkpoint_epoch={EPOCHS}.pt").read_bytes())
    other = write_small_cohort(tmp_path / "other", training=1)
    with pytest.raises(RuntimeError) as refusal:
        train(bundle_folder, other, tmp_path, **(SETTINGS | {"resume": True}))
    assert "For other data start a new run" in str(refusal.value.__cause__)


def test_another_number_of_neighbouring_slices_is_refused(bundle_folder, small_datalist, uninterrupted, tmp_path):
    (tmp_path / "checkpoint_epoch=1.pt").write_bytes((uninterrupted / f"checkpoint_epoch={EPOCHS}.pt").read_bytes())
    further = {"resume": True, "network_def::context_slices": 4}
    with pytest.raises(RuntimeError) as refusal:
        train(bundle_folder, small_datalist, tmp_path, **(SETTINGS | further))
    assert "For another network start a new run" in str(refusal.value.__cause__)
