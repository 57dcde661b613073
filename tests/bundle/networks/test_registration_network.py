import pytest
import torch
from monai.networks.blocks import Warp

from scripts.losses import FlowSmoothnessLoss
from scripts.networks import RegistrationNetwork
from tests.bundle.cohorts.phantom.small_patients import coarse_patient

pytestmark = pytest.mark.slow


def test_parameter_count_is_the_releases():
    assert sum(p.numel() for p in RegistrationNetwork().parameters()) == 2_056_962


def test_flow_starts_near_zero():
    slices = torch.rand(1, 1, 64, 64)
    assert RegistrationNetwork(channels=(8, 8), bottleneck_channels=8)(slices, slices).abs().max() < 0.01


def test_flow_of_a_coarser_network_covers_the_slice():
    slices = torch.rand(1, 1, 50, 66)
    network = RegistrationNetwork(channels=(4, 4), bottleneck_channels=4, scale=4)
    assert network(slices, slices).shape == (1, 2, 50, 66)


def test_a_short_training_recovers_a_known_deformation_of_a_phantom():
    torch.manual_seed(0)
    fixed_hu = torch.from_numpy(coarse_patient(1, "chest", "healthy").cta_aligned_hu[6, ::2, ::2].astype("float32"))
    moving = (fixed_hu.clamp(-200, 400) / 300)[None, None]  # (1, 1, 64, 64)
    row, column = torch.meshgrid(torch.arange(64.0) - 32, torch.arange(64.0) - 32, indexing="ij")
    bump = torch.exp(-(row**2 + column**2) / (2 * 15**2))
    known_px = torch.stack((2 * bump, -1.5 * bump))[None]  # (1, 2, 64, 64), up to 2.5 pixels
    warp = Warp(mode="bilinear", padding_mode="border")
    acquired = warp(moving, known_px)

    network = RegistrationNetwork(channels=(8, 16, 16, 16), bottleneck_channels=16, bottleneck_blocks=1)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.003)
    smoothness = FlowSmoothnessLoss()
    for _ in range(120):
        flow_px = network(moving, acquired)
        loss = 20 * (warp(moving, flow_px) - acquired).abs().mean() + 10 * smoothness(flow_px)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    body = (fixed_hu > -300) & (bump > 0.3)
    endpoint_error_px = (flow_px - known_px).norm(dim=1)[0][body].mean()
    assert endpoint_error_px < 0.35 * known_px.norm(dim=1)[0][body].mean()
