import pytest
import torch
from monai.data import DataLoader
from monai.transforms import Compose, RandGaussianNoise

from scripts.data import BalancedSampler, Draw, SeededDataset


def noisy() -> SeededDataset:
    return SeededDataset([torch.zeros(1, 4, 4)] * 8, Compose([RandGaussianNoise(prob=1)]))


def epoch(num_workers: int) -> torch.Tensor:
    sampler = BalancedSampler([{"region": "chest"}] * 8, ["region"], count=8)
    sampler.start(epoch=3)
    return torch.cat(list(DataLoader(noisy(), sampler=sampler, batch_size=2, num_workers=num_workers)))


def test_a_draw_is_augmented_the_same_whatever_came_before():
    dataset = noisy()
    first = dataset[Draw(2, seed=7)]
    dataset[Draw(0, seed=1)]
    assert torch.equal(dataset[Draw(2, seed=7)], first)


def test_draws_are_augmented_differently():
    assert not torch.equal(noisy()[Draw(2, seed=7)], noisy()[Draw(2, seed=8)])


@pytest.mark.slow
def test_the_number_of_workers_changes_nothing():
    assert torch.equal(epoch(num_workers=2), epoch(num_workers=0))
