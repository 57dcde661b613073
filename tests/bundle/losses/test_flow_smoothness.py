import pytest
import torch

from scripts.losses import FlowSmoothnessLoss


def test_a_constant_flow_is_perfectly_smooth():
    assert FlowSmoothnessLoss()(torch.full((1, 2, 8, 8), 5.0)) == 0


def test_a_ramp_along_one_axis_costs_half_its_squared_slope():
    ramp = 3 * torch.arange(8.0).expand(1, 2, 8, 8)
    assert FlowSmoothnessLoss()(ramp).item() == pytest.approx(9 / 2)
