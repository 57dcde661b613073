"""Two processes (Gloo, CPU) train as one process with the same global batch, and stop as one."""

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from subprocess import Popen

import pytest
import torch
from bundle.small_cohort import write_small_cohort
from bundle.small_training import checkpoint, command, curve, start, train

pytestmark = [pytest.mark.slow, pytest.mark.long]

# Behind instance norm the bias of a convolution has no gradient but rounding, which Adam would blow up to whole steps.
STEADY = {"train::generator_optimizer::eps": 1e-4, "train::discriminator_optimizer::eps": 1e-4}
SETTINGS = STEADY | {"max_epochs": 2, "paired_prob": 1.0, "misalignment_prob": 1.0, "highlight_weight": 2.0}
SETTINGS["network_def::context_slices"] = 1  # a wider input rounds more
SETTINGS["network_def::norm"] = "INSTANCE"  # on CPUs each process has batch statistics of its own
LONGER = SETTINGS | {"max_epochs": 4, "slices_per_epoch": 24, "checkpoint_interval": 4}
NETWORKS = ["generator", "registration", "discriminator"]


@pytest.fixture(scope="module")
def datalist(tmp_path_factory) -> Path:
    """Two patients to train on and three to validate on, so that the processes have unequal shares."""
    return write_small_cohort(tmp_path_factory.mktemp("cohort"), validation=3)


@pytest.fixture(scope="module")
def one(bundle_folder, datalist, tmp_path_factory) -> Path:
    return train(bundle_folder, datalist, tmp_path_factory.mktemp("one"), batch_size=4, **SETTINGS)


@pytest.fixture(scope="module")
def two(bundle_folder, datalist, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("two")
    run = start_two(bundle_folder, datalist, out, **SETTINGS)
    printed, _ = run.communicate(timeout=600)
    assert run.returncode == 0, printed[-3000:]
    return out


@pytest.fixture(scope="module")
def cancelled(bundle_folder, datalist, tmp_path_factory) -> Path:
    """Folder of a Slurm job that was cancelled in its second epoch, long before its first regular checkpoint."""
    out = tmp_path_factory.mktemp("cancelled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_JOB_ID", "1")
        run = start_two(bundle_folder, datalist, out, **LONGER)
    wait_for(out / "model.pt", run)
    cancel_job(run)
    run.communicate(timeout=120)
    assert not (out / "checkpoint_epoch=4.pt").exists(), "the run was over before it was cancelled"
    return out


def wait_for(file: Path, run: Popen) -> None:
    deadline = time.monotonic() + 300
    while not file.is_file() and time.monotonic() < deadline:
        assert run.poll() is None, run.communicate()[0][-3000:]
        time.sleep(0.005)


def cancel_job(run: Popen) -> None:
    """Send SIGTERM to all processes, as Slurm and systemd do, and to those that train until they end.

    torchrun passes its own on to them. That comes at another moment each time, so here it comes at every moment.
    """
    trainers = [int(pid) for pid in Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()]
    os.kill(run.pid, signal.SIGTERM)
    while run.poll() is None:  # not for long: torchrun kills them after 30 s
        for pid in trainers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        time.sleep(0.005)


def start_two(bundle: Path, datalist: Path, out: Path, **settings) -> Popen:
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    return start(bundle, torchrun + command(datalist, out, "multi_gpu_train", **(settings | {"batch_size": 2})))


def assert_same_weights(found: Path, expected: Path, network: str) -> None:
    """The root mean square difference of each tensor is below a hundredth of one step, whose learning rate is 0.002.

    Single weights may differ by more: sums in another order change gradients, and Adam magnifies small ones.
    """
    states = [checkpoint(folder, 2)[network] for folder in (found, expected)]
    assert states[0].keys() == states[1].keys()
    apart = {name: (states[0][name] - states[1][name]).square().mean().sqrt().item() for name in states[0]}
    assert max(apart.values()) < 2e-5, max(apart, key=apart.get)


@pytest.mark.parametrize("network", NETWORKS)
def test_two_processes_end_with_the_weights_of_one(one, two, network):
    assert_same_weights(two, one, network)


@pytest.mark.parametrize("metric", ["psnr_db", "lumen_error_hu", "false_enhancement"])
def test_validation_covers_the_patients_of_all_processes(one, two, metric):
    assert curve(two, metric) == pytest.approx(curve(one, metric), rel=1e-4)


def test_one_process_alone_writes(two):
    assert len(list(two.glob("events.out.tfevents.*"))) == 1
    names = {path.name for path in two.iterdir() if not path.name.startswith("events")}
    assert names == {"checkpoint_epoch=1.pt", "checkpoint_epoch=2.pt", "model.pt"}


def test_the_best_generator_has_the_names_of_the_network(one, two):
    found, expected = (torch.load(folder / "model.pt", weights_only=True) for folder in (two, one))
    assert found.keys() == expected.keys()


@pytest.fixture(scope="module")
def one_after_two(bundle_folder, datalist, two, tmp_path_factory) -> Path:
    """Folder of a run of one process from the checkpoint that two left."""
    out = tmp_path_factory.mktemp("one-after-two")
    shutil.copy2(two / "checkpoint_epoch=1.pt", out)
    return train(bundle_folder, datalist, out, batch_size=4, resume=True, **SETTINGS)


@pytest.mark.parametrize("network", NETWORKS)
def test_one_process_goes_on_where_two_stopped(one, one_after_two, network):
    assert_same_weights(one_after_two, one, network)


def test_a_cancelled_run_leaves_a_checkpoint(cancelled):
    assert len(list(cancelled.glob("checkpoint_epoch=*.pt"))) == 1


def test_a_cancelled_run_goes_on_with_its_next_step(bundle_folder, datalist, cancelled, tmp_path):
    resumed = tmp_path / "resumed"
    shutil.copytree(cancelled, resumed)
    train(bundle_folder, datalist, resumed, batch_size=4, resume=True, **LONGER)
    assert list(curve(resumed)) == list(range(1, 25))
