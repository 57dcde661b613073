"""The real app, ended in the middle of its work: by SIGTERM, by SIGKILL, by a full disk."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from operators.dicom_loader.load import load_ncct_series
from tests.dicom_series import body_hu, write_series
from tests.stand_in_bundle import write_stand_in_bundle
from tests.written_series import write_syn_cta

pytestmark = [pytest.mark.slow, pytest.mark.long]

ROOT = Path(__file__).resolve().parents[2]
SLICES = 100
_PATIENCE_S = 300  # the series is long; a busy machine takes minutes for it
_PAGE = 4096  # a tmpfs counts in pages


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A series that takes half a second or more to write."""
    return write_series(tmp_path_factory.mktemp("source") / "in", hu=body_hu(SLICES, 64, 64))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_stand_in_bundle(tmp_path_factory.mktemp("bundle") / "stand_in")


@pytest.fixture(scope="module")
def busy_bundle(tmp_path_factory):
    """One that works on the series for minutes: a window around each voxel."""
    bundle = write_stand_in_bundle(tmp_path_factory.mktemp("bundle") / "busy")
    config = bundle / "configs" / "inference.yaml"
    whole, windows = "SimpleInferer}", "SlidingWindowInferer, roi_size: [4, 4, 4], overlap: 0.75}"
    assert whole in config.read_text()
    config.write_text(config.read_text().replace(whole, windows))
    return bundle


@pytest.fixture
def start(source, bundle):
    """Start the app on the series."""

    def start_app(output: Path, model: Path = bundle) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "app", "-i", source, "-o", output, "-m", model, "--device", "cpu"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    return start_app


def everything_under(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def wait_until_half_written(app: subprocess.Popen[str], output: Path) -> None:
    """Return when some slices, but not all, lie in the hidden folder."""
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end and app.poll() is None:
        if len(list(output.glob(".*/syn-cta/*.dcm"))) > SLICES // 10:
            assert not (output / "syn-cta").exists()
            return
        time.sleep(0.005)
    pytest.fail(f"the app never came to write: {app.poll()}")


def wait_for_stage(app: subprocess.Popen[str], stage: str) -> None:
    assert any(stage in line for line in app.stderr), f"the app never came to {stage!r}"


@pytest.mark.parametrize("stage", ["load libraries", "synthesize"])
def test_sigterm_ends_the_app_at_once_and_leaves_nothing(start, busy_bundle, tmp_path, stage):
    (tmp_path / "note.txt").write_text("mine")
    app = start(tmp_path, busy_bundle)
    wait_for_stage(app, stage)
    app.send_signal(signal.SIGTERM)
    _, log = app.communicate(timeout=_PATIENCE_S)
    assert app.returncode == 143
    assert json.loads(log.splitlines()[-1])["reason"] == "terminated"
    assert everything_under(tmp_path) == ["note.txt"]


_TALKATIVE = """
import logging, threading
from app.logs import set_up_logging
from app.termination import end_cleanly_on_signals

end_cleanly_on_signals()
set_up_logging("INFO")

def talk():
    while True:
        logging.getLogger("app.stage").info("a line of another thread")

for _ in range(4):
    threading.Thread(target=talk, daemon=True).start()
threading.Event().wait()
"""


def test_no_other_thread_writes_after_the_line_of_json():
    process = subprocess.Popen([sys.executable, "-c", _TALKATIVE], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    for _ in range(100):
        process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=_PATIENCE_S)
    assert json.loads(log.splitlines()[-1])["reason"] == "terminated"


def test_sigterm_in_the_middle_of_writing_takes_away_the_folder_that_the_app_made(start, tmp_path):
    app = start(tmp_path / "deep" / "out")
    wait_until_half_written(app, tmp_path / "deep" / "out")
    app.send_signal(signal.SIGTERM)
    assert app.wait(timeout=_PATIENCE_S) == 143
    assert everything_under(tmp_path) == []


def test_sigkill_leaves_no_result_and_the_next_run_cleans_up(start, tmp_path):
    app = start(tmp_path)
    wait_until_half_written(app, tmp_path)
    app.kill()
    app.wait()
    assert not any((tmp_path / name).exists() for name in ("syn-cta", "companions", "result.json", "preview.png"))
    again = start(tmp_path)
    _, log = again.communicate(timeout=_PATIENCE_S)
    assert again.returncode == 0, log
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "companions",
        "preview.png",
        "result.html",
        "result.json",
        "syn-cta",
    ]
    assert len(list((tmp_path / "syn-cta").iterdir())) == SLICES


@pytest.fixture(scope="module")
def slice_kib(source, tmp_path_factory) -> int:
    """What a slice of the Syn-CTA series takes on a disk."""
    series = load_ncct_series(source)
    (file, *_) = write_syn_cta(series, series.hu, tmp_path_factory.mktemp("written") / "series").paths
    return -(-file.stat().st_size // _PAGE) * _PAGE // 1024


@pytest.fixture(params=["series", "companions"])
def small_disk(request, tmp_path, slice_kib):
    """A disk that is full in the middle of the series, or after it."""
    size_kib = slice_kib * SLICES // 2 if request.param == "series" else slice_kib * SLICES + 100
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_kib}k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    yield request.param, disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_is_told_and_nothing_is_left_on_it(start, small_disk):
    place, disk = small_disk
    app = start(disk)
    _, log = app.communicate(timeout=_PATIENCE_S)
    refusal = json.loads(log.splitlines()[-1])
    assert (app.returncode, refusal["reason"]) == (73, "cannot_write"), log
    assert "disk is full" in refusal["message"]
    assert (f"{'write DICOM':<22}" in log) == (place == "companions")  # whether the series itself was done
    assert everything_under(disk) == []
