"""How a run of the app ends, with a stub for the app."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.gateway.convert.app_run import RunResult, Verdict, run_app
from app.gateway.settings import WorkerSettings
from tests.app.gateway.running import ROOT, STUB, eventually
from tests.dicom_series import body_hu, write_series

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    return write_series(tmp_path_factory.mktemp("job") / "objects", hu=body_hu(3))


def run(objects, tmp_path, *options, command=(sys.executable, str(STUB)), interrupt=None, **settings):
    return run_app(
        objects,
        tmp_path / "result",
        tmp_path / "app.log",
        settings=WorkerSettings(command=list(command), options=list(options), **settings),
        interrupt=interrupt or (lambda: False),
    )


def test_a_good_run_leaves_its_result(objects, tmp_path):
    assert run(objects, tmp_path) == RunResult(Verdict.OK)
    assert len(list((tmp_path / "result" / "syn-cta").iterdir())) == 3


@pytest.mark.parametrize(
    ("code", "reason", "verdict"),
    [
        (65, "contrast", Verdict.REFUSED),
        (66, "no_ct_series", Verdict.REFUSED),
        (66, "series_not_found", Verdict.REFUSED),
        (66, "no_input", Verdict.FAILED),
        (66, "unreadable", Verdict.FAILED),
        (70, "internal", Verdict.FAILED),
        (73, "cannot_write", Verdict.FAILED),
        (75, "out_of_memory", Verdict.FAILED),
        (78, "bundle", Verdict.FAILED),
    ],
)
def test_exit_code_and_reason_tell_refusal_from_failure(objects, tmp_path, code, reason, verdict):
    assert run(objects, tmp_path, "--exit", str(code), "--reason", reason) == RunResult(verdict, reason)


def test_a_reason_that_is_no_code_is_not_taken_over(objects, tmp_path):
    assert run(objects, tmp_path, "--exit", "65", "--reason", "Geheim^Patient") == RunResult(
        Verdict.REFUSED, "exit_code_65"
    )


@pytest.mark.parametrize(
    ("code", "reason", "verdict"),
    [
        pytest.param(65, "of_a_later_version", Verdict.REFUSED, id="a reason that only its exit code tells of"),
        pytest.param(66, "of_a_later_version", Verdict.FAILED, id="a reason that nothing tells of"),
        pytest.param(75, "contrast", Verdict.FAILED, id="the reason of another study than the exit code"),
    ],
)
def test_a_reason_counts_only_with_its_exit_code(objects, tmp_path, code, reason, verdict):
    assert run(objects, tmp_path, "--exit", str(code), "--reason", reason) == RunResult(verdict, reason)


def test_an_input_without_a_word_of_why_is_tried_again(objects, tmp_path):
    command = [sys.executable, "-c", "raise SystemExit(66)"]
    assert run(objects, tmp_path, command=command) == RunResult(Verdict.FAILED, "exit_code_66")


def test_a_run_that_takes_too_long_is_ended(objects, tmp_path):
    assert run(objects, tmp_path, "--seconds", "60", timeout_s=0.5) == RunResult(Verdict.FAILED, "timeout")


def test_a_run_can_be_interrupted(objects, tmp_path):
    interrupt = threading.Event()
    threading.Timer(0.4, interrupt.set).start()
    start_s = time.monotonic()
    assert run(objects, tmp_path, "--seconds", "60", interrupt=interrupt.is_set).verdict is Verdict.INTERRUPTED
    assert time.monotonic() - start_s < 10


def test_a_crash_is_a_failure_with_its_signal(objects, tmp_path):
    command = [sys.executable, "-c", "import os; os.kill(os.getpid(), 11)"]
    assert run(objects, tmp_path, command=command) == RunResult(Verdict.FAILED, "killed_by_SIGSEGV")


def test_a_command_that_is_not_there_is_a_failure(objects, tmp_path):
    assert run(objects, tmp_path, command=["/no/such/command"]) == RunResult(Verdict.FAILED, "exit_code_78")


def test_the_app_dies_with_a_gateway_that_is_killed(tmp_path):
    pid_file = tmp_path / "pid"
    child = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, subprocess, sys; "
            "tied = [sys.executable, '-m', 'app.gateway.convert.parent_death_signal', str(os.getpid())]; "
            "subprocess.run([*tied, *sys.argv[1:]])",
            sys.executable,
            "-c",
            child,
        ],
        cwd=ROOT,
    )
    pid = int(eventually(lambda: pid_file.exists() and pid_file.read_text()))
    parent.kill()
    parent.wait()
    eventually(lambda: not _alive(pid))


def test_an_app_whose_gateway_died_while_it_started_does_not_run(tmp_path):
    gateway = subprocess.Popen([sys.executable, "-c", ""])
    gateway.wait()
    tied = [sys.executable, "-m", "app.gateway.convert.parent_death_signal", str(gateway.pid)]
    done = subprocess.run([*tied, "touch", tmp_path / "ran"], cwd=ROOT, check=False)
    assert done.returncode == 69
    assert not (tmp_path / "ran").exists()


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"  # an orphan may wait for its reaper
    except (FileNotFoundError, ProcessLookupError):
        return False
