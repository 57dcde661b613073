import pytest
import torch

from scripts.losses import LeastSquaresLoss


def test_scores_are_measured_against_one_when_real():
    assert LeastSquaresLoss()(torch.tensor([[0.5], [1.0]]), is_real=True).item() == pytest.approx(0.125)


def test_scores_are_measured_against_zero_when_synthetic():
    assert LeastSquaresLoss()(torch.tensor([[0.5], [1.0]]), is_real=False).item() == pytest.approx(0.625)
