import torch
from monai.networks.blocks import Warp

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


def test_a_short_training_recovers_a_known_shift():
    torch.manual_seed(0)
    fixed, moving = torch.zeros(1, 1, 64, 64), torch.zeros(1, 1, 64, 64)
    fixed[..., 20:40, 23:43] = 1
    moving[..., 20:40, 20:40] = 1
    network = RegistrationNetwork(channels=(8, 8, 8), bottleneck_channels=8, bottleneck_blocks=1)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.002)
    warp = Warp(mode="bilinear", padding_mode="border")
    for _ in range(150):
        flow_px = network(moving, fixed)
        loss = (warp(moving, flow_px) - fixed).abs().mean() + 0.01 * flow_px.diff(dim=3).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    leading_edge_px = flow_px[0, 1, 24:36, 42]  # the last column that must become bright
    assert leading_edge_px.mean() < -2, "the warp looks the square up 3 pixels to the left"
