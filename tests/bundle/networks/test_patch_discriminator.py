import torch

from scripts.networks import PatchDiscriminator


def test_parameter_count_is_the_releases():
    assert sum(p.numel() for p in PatchDiscriminator().parameters()) == 2_762_689


def test_gives_one_score_per_slice():
    assert PatchDiscriminator(base_channels=4)(torch.rand(3, 1, 64, 80)).shape == (3, 1)


def test_takes_the_ncct_beside_the_slice():
    assert PatchDiscriminator(base_channels=4, in_channels=2)(torch.rand(3, 2, 64, 64)).shape == (3, 1)
