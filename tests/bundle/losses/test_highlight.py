import pytest
import torch

from scripts.losses import HighlightLoss

HU_RANGE = (-2000, 2095)


def norm(*values_hu: float) -> torch.Tensor:
    return (2 * (torch.tensor(values_hu) - HU_RANGE[0]) / (HU_RANGE[1] - HU_RANGE[0]) - 1).reshape(1, 1, 1, -1)


def test_only_what_contrast_made_bright_counts():
    loss = HighlightLoss(HU_RANGE)(norm(50, 300, 0), norm(50, 350, 50), norm(50, 40, 50))
    assert loss.item() * 4095 / 2 == pytest.approx(50, rel=1e-3)


def test_bone_that_is_bright_without_contrast_is_left_out():
    loss = HighlightLoss(HU_RANGE)(norm(300, 700), norm(350, 800), norm(40, 800))
    assert loss.item() * 4095 / 2 == pytest.approx(50, rel=1e-3)


def test_a_slice_without_contrast_costs_nothing():
    assert HighlightLoss(HU_RANGE)(norm(0), norm(50), norm(50)).item() == 0


def test_a_small_vessel_weighs_as_much_as_a_large_one():
    cta = torch.cat((norm(350, 350, 350, 350), norm(350, 0, 0, 0)))
    warped = torch.cat((norm(350, 350, 350, 350), norm(250, 0, 0, 0)))
    ncct = torch.cat((norm(40, 40, 40, 40), norm(40, 0, 0, 0)))
    assert HighlightLoss(HU_RANGE)(warped, cta, ncct).item() * 4095 / 2 == pytest.approx((0 + 100) / 2, rel=1e-3)
