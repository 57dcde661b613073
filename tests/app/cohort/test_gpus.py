"""Workers and GPUs: who has no room is told so, and Ray is told of no GPU that is not there."""

import json

import pytest
import torch

from app.cohort import __main__ as command
from app.cohort import pool
from app.cohort.gpus import check_room
from app.cohort.worker import Outcome
from operators.errors import ExitCode, Reason, Refusal


@pytest.fixture
def machine_with(monkeypatch):
    """Sets the number of GPUs that PyTorch finds."""
    return lambda gpus: monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)


@pytest.fixture
def cohort(tmp_path, monkeypatch):
    """Runs the command on one study without Ray; gives the exit code and what the pool was asked for."""
    asked = {}

    def run_pool(studies, *_, **arguments):
        asked.update(arguments)
        yield studies[0], Outcome("done", 0, "", "", 0.0, 0.0)

    (tmp_path / "manifest.csv").write_text("study,input,output\na,in,out\n")
    monkeypatch.setattr(command, "run_pool", run_pool)
    return lambda *options: (command.main([str(tmp_path / "manifest.csv"), *options, "--no-progress"]), asked)


# ---- room ----


@pytest.mark.parametrize(
    ("workers", "gpus", "there"),
    [
        pytest.param(2, 1.0, 2, id="one each"),
        pytest.param(3, 0.5, 2, id="two on one, one on the other"),
        pytest.param(3, 1 / 3, 1, id="thirds"),
        pytest.param(10, 0.1, 1, id="tenths"),
        pytest.param(2, 2.0, 4, id="two each"),
        pytest.param(8, 0.0, 0, id="no GPU wanted"),
    ],
)
def test_who_fits_is_let_in(workers, gpus, there):
    check_room(workers, gpus, there)


@pytest.mark.parametrize(
    ("workers", "gpus", "there", "advice"),
    [
        pytest.param(2, 1.0, 1, "--gpus 0.5, or --workers 1", id="one GPU for two"),
        pytest.param(5, 1.0, 2, "--gpus 0.3333, or --workers 2", id="two GPUs for five"),
        pytest.param(3, 0.6, 2, "--gpus 0.5, or --workers 2", id="a share lies on one GPU as a whole"),
        pytest.param(1, 4.0, 2, "--gpus 1.", id="more for one than there are"),
        pytest.param(1, 1.0, 0, "--gpus 0 for the CPU", id="no GPU"),
    ],
)
def test_who_does_not_fit_is_told_what_would(workers, gpus, there, advice):
    with pytest.raises(Refusal) as refused:
        check_room(workers, gpus, there)
    assert advice in refused.value.message


@pytest.mark.parametrize("workers", [2, 5, 7, 100])
def test_the_share_that_is_advised_fits(workers):
    with pytest.raises(Refusal) as refused:
        check_room(workers, 1.0, 1)
    check_room(workers, float(refused.value.message.split("--gpus ")[1].split(",")[0]), 1)


# ---- the command ----


def test_more_workers_than_gpus_are_refused(cohort, machine_with, capfd):
    machine_with(1)
    assert cohort("--workers", "2")[0] == ExitCode.CONFIGURATION
    assert json.loads(capfd.readouterr().err)["reason"] == Reason.SETTINGS.code


def test_a_refusal_for_want_of_gpus_leaves_an_earlier_summary_alone(cohort, machine_with, tmp_path):
    machine_with(1)
    summary = tmp_path / "manifest.summary.csv"
    summary.write_text("of the run before")
    cohort("--workers", "2")
    assert summary.read_text() == "of the run before"


def test_workers_that_share_a_gpu_are_started(cohort, machine_with):
    machine_with(1)
    code, asked = cohort("--workers", "2", "--gpus", "0.5")
    assert (code, asked["gpus"]) == (0, 0.5)


def test_each_worker_has_a_gpu_where_nothing_is_said(cohort, machine_with):
    machine_with(2)
    code, asked = cohort("--workers", "2")
    assert (code, asked["gpus"]) == (0, 1.0)


@pytest.mark.parametrize(("there", "options"), [(0, []), (4, ["--device", "cpu"]), (4, ["--gpus", "0"])])
def test_a_cohort_on_the_cpu_has_as_many_workers_as_one_likes(cohort, machine_with, there, options):
    machine_with(there)
    code, asked = cohort("--workers", "8", *options)
    assert (code, asked["gpus"]) == (0, 0)


def test_the_gpus_of_a_cluster_are_not_those_of_this_machine(cohort, machine_with):
    machine_with(0)
    assert cohort("--workers", "2", "--gpus", "1", "--address", "auto")[0] == 0


@pytest.mark.parametrize("text", ["-1", "1.5", "nan", "inf"])
def test_a_share_that_ray_does_not_take_is_a_usage_error(text, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main(["manifest.csv", f"--gpus={text}"])
    assert ended.value.code == 2
    assert "a fraction" in capsys.readouterr().err


# ---- what Ray is told ----


class Told(Exception):
    """Ray was started with these arguments."""


@pytest.mark.parametrize(("gpus", "there", "told"), [(0.5, 2, 2), (1.0, 2, 2), (0, 2, 0), (0, 0, 0)])
def test_ray_is_told_of_the_gpus_that_are_there(monkeypatch, machine_with, gpus, there, told):
    class Ray:
        @staticmethod
        def init(**arguments):
            raise Told(arguments["num_gpus"])

    machine_with(there)
    monkeypatch.setattr(pool, "_ray", lambda: Ray)
    with pytest.raises(Told) as started:
        next(pool.run_pool([], (), workers=1, cpus=1, gpus=gpus))
    assert started.value.args == (told,)
