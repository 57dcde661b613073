from types import SimpleNamespace

import pytest
import torch
from ignite.engine import Engine
from torch import nn

from scripts.data import patients
from scripts.handlers import BestGenerator


def validation(psnr_db: float) -> SimpleNamespace:
    return SimpleNamespace(state=SimpleNamespace(metrics={"psnr_db": psnr_db}, epoch=4))


@pytest.fixture
def generator() -> nn.Linear:
    return nn.Linear(1, 1)


@pytest.fixture
def keeper(tmp_path, generator, small_datalist):
    """Makes the handler, for the validation of some split."""

    def make(split: str = "validation") -> BestGenerator:
        return BestGenerator(generator, tmp_path / "model.pt", "psnr_db", patients(small_datalist, split))

    return make


def test_a_better_generator_replaces_the_file(tmp_path, generator, keeper):
    best = keeper()
    best(validation(30))
    nn.init.constant_(generator.weight, 7)
    best(validation(31))
    assert torch.load(tmp_path / "model.pt", weights_only=True)["weight"] == 7


def test_a_worse_generator_is_not_kept(tmp_path, generator, keeper):
    nn.init.constant_(generator.weight, 7)
    best = keeper()
    best(validation(30))
    nn.init.constant_(generator.weight, 0)
    best(validation(29))
    assert torch.load(tmp_path / "model.pt", weights_only=True)["weight"] == 7


def test_the_best_value_survives_a_resume(tmp_path, keeper):
    first = keeper()
    first(validation(30))
    resumed = keeper()
    resumed.load_state_dict(first.state_dict())
    (tmp_path / "model.pt").unlink()
    resumed(validation(29))
    assert not (tmp_path / "model.pt").exists()


def test_a_resumed_run_tells_the_best_value_before_its_first_step(keeper, caplog):
    first = keeper()
    first(validation(30))
    caplog.clear()
    with caplog.at_level("INFO"):
        keeper().load_state_dict(first.state_dict())
    assert "Best psnr_db so far: 30 in epoch 4" in caplog.text


def test_the_validator_of_a_resumed_run_knows_the_best_value(keeper):
    first, resumed = keeper(), keeper()
    first(validation(30))
    validator = Engine(lambda engine, batch: None)
    resumed.attach(validator)
    resumed.load_state_dict(first.state_dict())
    assert (validator.state.best_metric, validator.state.best_metric_epoch) == (30, 4)


def test_the_best_value_of_other_patients_is_not_compared(tmp_path, keeper):
    first = keeper()
    first(validation(30))
    resumed = keeper(split="training")
    resumed.load_state_dict(first.state_dict())
    (tmp_path / "model.pt").unlink()
    resumed(validation(29))
    assert (tmp_path / "model.pt").exists()


def test_a_diverged_generator_is_not_kept(tmp_path, keeper):
    best = keeper()
    best(validation(float("nan")))
    assert not (tmp_path / "model.pt").exists()
