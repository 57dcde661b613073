"""What the pool does with workers that die or share a GPU; they convert nothing."""

import os

import pytest
import torch

from app.cohort import pool
from app.cohort.manifest import Study
from app.cohort.pool import ATTEMPTS, run_pool

pytestmark = pytest.mark.slow

pytest.importorskip("ray", reason="Ray is an optional extra")


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
