from types import SimpleNamespace

import torch
from monai.data import Dataset
from monai.transforms import RandGaussianNoise

from scripts.handlers import EpochSeed


def draw(seed: int, epoch: int, dataset: Dataset | None = None) -> float:
    loader = SimpleNamespace(dataset=dataset or Dataset([]))
    EpochSeed(seed)(SimpleNamespace(state=SimpleNamespace(epoch=epoch, dataloader=loader)))
    return torch.rand(1).item()


def test_an_epoch_draws_the_same_whatever_came_before():
    first = draw(seed=1, epoch=5)
    draw(seed=1, epoch=4)
    assert draw(seed=1, epoch=5) == first


def test_epochs_draw_differently():
    assert draw(seed=1, epoch=5) != draw(seed=1, epoch=6)


def test_the_transforms_of_the_data_set_are_seeded_too():
    noisy = Dataset([torch.zeros(1, 4, 4)], RandGaussianNoise(prob=1))
    draw(seed=1, epoch=5, dataset=noisy)
    first = noisy[0]
    noisy[0]
    draw(seed=1, epoch=5, dataset=noisy)
    assert torch.equal(noisy[0], first)
