import torch

from scripts.networks import RegistrationNetwork


def test_parameter_count_is_the_releases():
    assert sum(p.numel() for p in RegistrationNetwork().parameters()) == 2_056_962


def test_flow_starts_near_zero():
    slices = torch.rand(1, 1, 64, 64)
    assert RegistrationNetwork(channels=(8, 8), bottleneck_channels=8)(slices, slices).abs().max() < 0.01


def test_flow_of_a_coarser_network_covers_the_slice():
    slices = torch.rand(1, 1, 50, 66)
    network = RegistrationNetwork(channels=(4, 4), bottleneck_channels=4, scale=4)
    assert network(slices, slices).shape == (1, 2, 50, 66)
