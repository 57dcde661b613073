"""A cohort on two local Ray workers, one of which is killed on the way."""

import csv
import json
import os
import signal
from collections import Counter

import numpy as np
import pydicom
import pytest
import torch

from app.cohort import pool
from app.cohort.__main__ import main
from app.cohort.manifest import Study, read_manifest
from app.cohort.pool import ATTEMPTS, run_pool
from app.settings import read_settings
from tests.dicom_series import body_hu, setting, write_series
from tests.stand_in_bundle import ADDED_HU, write_stand_in_bundle

pytestmark = [pytest.mark.slow, pytest.mark.leaves_threads]  # of Ray

pytest.importorskip("ray", reason="Ray is an optional extra")

STUDIES = 6


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """A manifest of six studies, the fourth with contrast, and the bundle."""
    folder = tmp_path_factory.mktemp("cohort")
    lines = ["study,input,output"]
    for i in range(STUDIES):
        edits = [setting(ContrastBolusAgent="yes")] if i == 3 else []
        write_series(folder / "in" / str(i), *edits, hu=body_hu(8))
        lines.append(f"study-{i},in/{i},out/{i}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder / "manifest.csv", write_stand_in_bundle(folder / "bundle")


@pytest.fixture(scope="module")
def outcomes(cohort):
    """Names and outcomes of the run in which a worker was killed, in the order of finishing."""
    manifest, bundle = cohort
    processes: list[int] = []
    found = []
    arguments = (bundle, read_settings(), "cpu", "WARNING")
    for study, outcome in run_pool(
        read_manifest(manifest), arguments, workers=2, cpus=1, gpus=0, on_ready=processes.extend
    ):
        if not found:
            assert len(processes) == 2
            os.kill(processes[0], signal.SIGKILL)
        found.append((study.name, outcome))
    return found


def test_every_study_is_turned_exactly_once_though_a_worker_is_killed(outcomes, cohort):
    assert Counter(name for name, _ in outcomes) == {f"study-{i}": 1 for i in range(STUDIES)}
    for name, outcome in outcomes:
        if name == "study-3":
            assert (outcome.status, outcome.exit_code) == ("refused", 65)
        else:  # skipped when the kill came after the result was in place and before the worker could say so
            assert (outcome.status, outcome.exit_code) in [("done", 0), ("skipped", 0)]
    assert not list(cohort[0].parent.glob("out/*/.syn-cta-partial-*"))


def test_the_output_is_that_of_the_single_app(outcomes, cohort):
    for study in read_manifest(cohort[0]):
        if study.name == "study-3":
            assert not study.output_folder.exists()
            continue
        assert json.loads((study.output_folder / "result.json").read_text())["status"] == "ok"
        files = sorted((study.output_folder / "syn-cta").iterdir())
        for file, hu in zip(files, body_hu(8), strict=True):
            assert np.abs(pydicom.dcmread(file).pixel_array - 1024.0 - hu - ADDED_HU).max() <= 1


def test_a_second_run_skips_what_is_done_and_writes_a_summary(outcomes, cohort):
    manifest, bundle = cohort
    options = ["-m", str(bundle), "--device", "cpu", "--cpus", "1", "--no-progress", "--log-level", "WARNING"]
    assert main([str(manifest), *options]) == 0
    with manifest.with_suffix(".summary.csv").open() as file:
        rows = {row["study"]: (row["status"], row["exit_code"], row["reason"]) for row in csv.DictReader(file)}
    expected = {f"study-{i}": ("skipped", "0", "") for i in range(STUDIES)}
    assert rows == expected | {"study-3": ("refused", "65", "contrast")}


def test_a_worker_that_cannot_start_says_why(cohort, capfd):
    missing = cohort[1] / "missing"
    assert main([str(cohort[0]), "-m", str(missing), "--device", "cpu", "--cpus", "1", "--no-progress"]) == 78
    assert json.loads(capfd.readouterr().err.splitlines()[-1])["reason"] == "bundle"


def test_a_study_that_kills_its_workers_is_lost_and_the_next_is_turned(tmp_path, monkeypatch):
    class Fragile:
        def process_id(self):
            return os.getpid()

        def convert(self, study):
            with (tmp_path / study.name).open("a") as tries:
                tries.write("x")
            if study.name == "deadly":
                os._exit(1)
            return study.name

    monkeypatch.setattr(pool, "Worker", Fragile)
    studies = [Study(name, tmp_path, tmp_path, None) for name in ("deadly", "harmless")]
    found = {study.name: outcome for study, outcome in run_pool(studies, (), workers=1, cpus=1, gpus=0)}
    assert (found["deadly"].status, found["deadly"].exit_code, found["harmless"]) == ("lost", 75, "harmless")
    assert (tmp_path / "deadly").read_text() == "x" * ATTEMPTS


def test_two_workers_share_one_gpu(tmp_path, monkeypatch):
    class Seeing:
        def process_id(self):
            return os.getpid()

        def convert(self, study):
            return os.environ["CUDA_VISIBLE_DEVICES"]

    monkeypatch.setattr(pool, "Worker", Seeing)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    studies = [Study(name, tmp_path, tmp_path, None) for name in "ab"]
    assert {gpu for _, gpu in run_pool(studies, (), workers=2, cpus=1, gpus=0.5)} == {"0"}
