import pytest
import torch

from scripts.losses import LeastSquaresLoss


def test_scores_are_measured_against_one_when_real():
    assert LeastSquaresLoss()(torch.tensor([[0.5], [1.0]]), is_real=True).item() == pytest.approx(0.125)


def test_scores_are_measured_against_zero_when_synthetic():
    assert LeastSquaresLoss()(torch.tensor([[0.5], [1.0]]), is_real=False).item() == pytest.approx(0.625)


def test_each_scale_has_its_weight():
    scores = torch.tensor([[0.0, 0.5], [0.0, 1.5]])  # mean squared distances to 1: 1 and 0.25
    assert LeastSquaresLoss((1.8, 0.2))(scores, is_real=True).item() == pytest.approx(1.8 * 1 + 0.2 * 0.25)


def test_a_scale_without_weight_is_an_error():
    with pytest.raises(ValueError, match="2 scales, scale_weights has 1"):
        LeastSquaresLoss()(torch.zeros(1, 2), is_real=True)
