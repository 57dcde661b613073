import csv
from pathlib import Path

import pytest
from monai.bundle import ConfigParser

from studies.comparison import study

pytestmark = pytest.mark.slow


def score(patient, psnr_db=40.0):
    return {"patient": patient, "psnr_db": psnr_db}


@pytest.fixture
def trained(monkeypatch):
    """Records the configs that are trained, instead of training them."""
    configs = []

    def train_and_score(config):
        run = Path(config["output_dir"])
        run.mkdir(exist_ok=True)
        configs.append(config)
        return [score("a"), score("b")]

    monkeypatch.setattr(study, "_train_and_score", train_and_score)
    return configs


def run_study(folder, misalignments_mm=(0,), methods=("CTA-GAN",), max_epochs=None):
    study.run_study(folder, misalignments_mm, methods, max_epochs, folder / "scores.csv")


def test_every_method_is_trained_at_every_misalignment(tmp_path, trained):
    run_study(tmp_path, [0, 4], ["CTA-GAN", "regression"], 2)
    assert [Path(config["output_dir"]).name for config in trained] == [
        "cta-gan_0mm",
        "regression_0mm",
        "cta-gan_4mm",
        "regression_4mm",
    ]
    assert {config["max_epochs"] for config in trained} == {2}


def test_a_run_that_is_done_is_not_run_again(tmp_path, trained):
    run_study(tmp_path, [0])
    run_study(tmp_path, [0, 2])
    assert [config["phantom_misalignment_mm"] for config in trained] == [0, 2]


def test_a_run_that_was_stopped_goes_on(tmp_path, trained):
    (tmp_path / "cta-gan_0mm").mkdir()
    (tmp_path / "cta-gan_0mm" / "checkpoint_epoch=3.pt").touch()
    run_study(tmp_path, [0, 2])
    assert [config["resume"] for config in trained] == [True, False]


def test_runs_of_another_budget_are_not_put_into_one_table(tmp_path, trained):
    run_study(tmp_path, max_epochs=2)
    with pytest.raises(ValueError, match="max_epochs 2 instead of 4"):
        run_study(tmp_path)


def test_the_scores_hold_every_patient_of_every_run(tmp_path, trained):
    run_study(tmp_path, [0, 2])
    with (tmp_path / "scores.csv").open(newline="") as file:
        rows = [(row["misalignment_mm"], row["patient"]) for row in csv.DictReader(file)]
    assert rows == [("0", "a"), ("0", "b"), ("2", "a"), ("2", "b")]


@pytest.mark.parametrize(
    ("method", "weights"),
    [
        ("pix2pix", {"adversarial_weight": 1.0, "similarity_weight": 100.0}),
        ("CycleGAN", {"adversarial_weight": 1.0, "cycle_weight": 10.0}),
    ],
)
def test_a_method_keeps_the_weights_of_its_own_losses(tmp_path, trained, method, weights):
    run_study(tmp_path, methods=[method])
    (config,) = trained
    assert {name: config[name] for name in weights} == weights


@pytest.mark.parametrize("method", study.METHODS)
def test_every_method_has_the_budget_of_the_comparison(tmp_path, trained, method):
    run_study(tmp_path, methods=[method])
    (config,) = trained
    assert (config["max_epochs"], config["slices_per_epoch"], config["patch_px"]) == (4, 400, 192)


@pytest.mark.parametrize("method", study.METHODS)
def test_every_change_of_a_method_names_a_setting(bundle_folder, method):
    parser = ConfigParser()
    parser.read_config([str(bundle_folder / "configs" / name) for name in ("train.yaml", "comparison.yaml")])
    for name in study.METHODS[method].changes:
        assert name.replace("::", "#") in parser


@pytest.mark.parametrize(
    ("method", "channels"), [("regression", 6), ("CycleGAN", 0), ("CTA-GAN, without context map", 0)]
)
def test_the_generator_of_a_pair_sees_the_context_map(tmp_path, trained, method, channels):
    run_study(tmp_path, methods=[method])
    (config,) = trained
    assert config["network_def"]["context_channels"] == channels


def test_a_cohort_is_made_with_its_context_maps(tmp_path, monkeypatch):
    def made(folder):
        (tmp_path / "datalist.json").touch()
        return str(tmp_path / "datalist.json")

    mapped = []
    monkeypatch.setattr(study, "context_of_bundle", lambda: "the shipped network")
    monkeypatch.setattr(study, "write_maps", lambda *arguments: mapped.append(arguments))
    study._make_cohort(ConfigParser({"dataset_dir": str(tmp_path), "phantom_cohort": made}))
    assert mapped == [(tmp_path / "datalist.json", "the shipped network")]
