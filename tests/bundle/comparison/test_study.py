import csv

import pytest
from monai.bundle import ConfigParser

from scripts.comparison import study


def score(patient, psnr_db=40.0):
    return {"patient": patient, "psnr_db": psnr_db}


@pytest.fixture
def trained(monkeypatch):
    """Records what is trained, instead of training it."""
    runs = []

    def train_and_score(out, run, misalignment_mm, method, max_epochs):
        run.mkdir()
        runs.append((method, misalignment_mm, max_epochs))
        return [score("a"), score("b")]

    monkeypatch.setattr(study, "_train_and_score", train_and_score)
    return runs


def test_every_method_is_trained_at_every_misalignment(tmp_path, trained):
    study.run_study(tmp_path, [0, 4], ["CTA-GAN", "regression"], 2)
    assert trained == [("CTA-GAN", 0, 2), ("regression", 0, 2), ("CTA-GAN", 4, 2), ("regression", 4, 2)]


def test_a_run_that_is_done_is_not_run_again(tmp_path, trained):
    study.run_study(tmp_path, [0], ["CTA-GAN"], None)
    study.run_study(tmp_path, [0, 2], ["CTA-GAN"], None)
    assert [mm for _, mm, _ in trained] == [0, 2]


def test_the_scores_hold_every_patient_of_every_run(tmp_path, trained):
    study.run_study(tmp_path, [0, 2], ["CTA-GAN"], None)
    with (tmp_path / "scores.csv").open(newline="") as file:
        rows = [(row["misalignment_mm"], row["patient"]) for row in csv.DictReader(file)]
    assert rows == [("0", "a"), ("0", "b"), ("2", "a"), ("2", "b")]


@pytest.mark.parametrize("method", study.METHODS)
def test_every_change_of_a_method_names_a_setting(bundle_folder, method):
    parser = ConfigParser()
    parser.read_config([str(bundle_folder / "configs" / name) for name in ("train.yaml", "comparison.yaml")])
    for name in study.METHODS[method].changes:
        assert name.replace("::", "#") in parser
