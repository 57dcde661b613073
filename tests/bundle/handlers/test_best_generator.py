from types import SimpleNamespace

import pytest
import torch
from torch import nn

from scripts.handlers import BestGenerator


def validation(psnr_db: float) -> SimpleNamespace:
    return SimpleNamespace(state=SimpleNamespace(metrics={"psnr_db": psnr_db}))


@pytest.fixture
def generator() -> nn.Linear:
    return nn.Linear(1, 1)


def test_a_better_generator_replaces_the_file(tmp_path, generator):
    best = BestGenerator(generator, tmp_path / "model.pt", "psnr_db")
    best(validation(30))
    nn.init.constant_(generator.weight, 7)
    best(validation(31))
    assert torch.load(tmp_path / "model.pt", weights_only=True)["weight"] == 7


def test_a_worse_generator_is_not_kept(tmp_path, generator):
    nn.init.constant_(generator.weight, 7)
    best = BestGenerator(generator, tmp_path / "model.pt", "psnr_db")
    best(validation(30))
    nn.init.constant_(generator.weight, 0)
    best(validation(29))
    assert torch.load(tmp_path / "model.pt", weights_only=True)["weight"] == 7


def test_the_best_value_survives_a_resume(tmp_path, generator):
    first = BestGenerator(generator, tmp_path / "model.pt", "psnr_db")
    first(validation(30))
    resumed = BestGenerator(generator, tmp_path / "model.pt", "psnr_db")
    resumed.load_state_dict(first.state_dict())
    (tmp_path / "model.pt").unlink()
    resumed(validation(29))
    assert not (tmp_path / "model.pt").exists()


def test_a_diverged_generator_is_not_kept(tmp_path, generator):
    best = BestGenerator(generator, tmp_path / "model.pt", "psnr_db")
    best(validation(float("nan")))
    assert not (tmp_path / "model.pt").exists()
