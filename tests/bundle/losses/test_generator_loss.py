import pytest
import torch
from torch import nn

from scripts.losses import FlowSmoothnessLoss, GeneratorLoss, HighlightLoss, LeastSquaresLoss

HU_RANGE = (-1000.0, 1000.0)  # so that 0.2 in [-1, 1] is 200 HU
WEIGHTS = {"similarity": 20.0, "highlight": 2.0, "smoothness": 10.0, "adversarial": 1.0}


def images() -> dict[str, torch.Tensor]:
    """One row of four pixels; the last two are bright in the CTA and missed by 0.1 and 0.3."""
    ncct = torch.tensor([0.0, 0.0, 0.0, 0.0]).reshape(1, 1, 1, 4)
    cta = torch.tensor([0.0, 0.0, 0.3, 0.3]).reshape(1, 1, 1, 4)
    warped = torch.tensor([0.0, 0.0, 0.2, 0.0]).reshape(1, 1, 1, 4)
    flow_px = 2 * torch.arange(8.0).expand(1, 2, 8, 8)
    return {"ncct": ncct, "cta": cta, "warped": warped, "flow_px": flow_px}


def loss(**weights: float) -> GeneratorLoss:
    parts = nn.L1Loss(), HighlightLoss(HU_RANGE), FlowSmoothnessLoss(), LeastSquaresLoss()
    return GeneratorLoss(*parts, WEIGHTS | weights)


SCORES = torch.tensor([[0.5]])


@pytest.mark.parametrize(
    ("term", "expected"), [("similarity", 0.1), ("highlight", 0.2), ("smoothness", 2.0), ("adversarial", 0.25)]
)
def test_each_term_is_told_before_weighting(term, expected):
    assert loss()(images(), SCORES)[f"{term}_loss"].item() == pytest.approx(expected)


def test_the_loss_is_the_weighted_sum():
    expected = 20 * 0.1 + 2 * 0.2 + 10 * 2.0 + 1 * 0.25
    assert loss()(images(), SCORES)["loss"].item() == pytest.approx(expected)


def test_a_term_of_weight_zero_is_not_computed():
    assert loss(highlight=0.0)(images(), SCORES)["highlight_loss"] == 0


def test_without_scores_nothing_is_adversarial():
    losses = loss()(images(), None)
    assert losses["adversarial_loss"] == 0
    assert losses["loss"].item() == pytest.approx(20 * 0.1 + 2 * 0.2 + 10 * 2.0)
