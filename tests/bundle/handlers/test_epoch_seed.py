from types import SimpleNamespace

import torch

from scripts.handlers import EpochSeed


def draw(seed: int, epoch: int) -> float:
    EpochSeed(seed)(SimpleNamespace(state=SimpleNamespace(epoch=epoch)))
    return torch.rand(1).item()


def test_an_epoch_draws_the_same_whatever_came_before():
    first = draw(seed=1, epoch=5)
    draw(seed=1, epoch=4)
    assert draw(seed=1, epoch=5) == first


def test_epochs_draw_differently():
    assert draw(seed=1, epoch=5) != draw(seed=1, epoch=6)
