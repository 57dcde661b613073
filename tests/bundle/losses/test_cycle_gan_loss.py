import pytest
import torch

from scripts.losses import CycleGANLoss, LeastSquaresLoss


def test_the_loss_is_the_weighted_sum_over_both_directions():
    slices = {
        "ncct": 0.0, "cta": 1.0, "cycled_ncct": 0.1, "cycled_cta": 0.8, "same_ncct": 0.3, "same_cta": 0.9,
    }  # fmt: skip
    images = {name: torch.full((1, 1, 2, 2), value) for name, value in slices.items()}
    scores = torch.tensor([[0.0]]), torch.tensor([[0.5]])
    losses = CycleGANLoss(LeastSquaresLoss(), {"adversarial": 1.0, "cycle": 10.0, "identity": 5.0})(images, scores)
    assert losses["adversarial_loss"].item() == pytest.approx(1 + 0.25)
    assert losses["cycle_loss"].item() == pytest.approx(0.1 + 0.2)
    assert losses["identity_loss"].item() == pytest.approx(0.3 + 0.1)
    assert losses["loss"].item() == pytest.approx(1 * 1.25 + 10 * 0.3 + 5 * 0.4)
