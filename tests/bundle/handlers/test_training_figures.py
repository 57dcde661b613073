import pytest
import torch

from scripts.handlers import training_figures


def figures(flow_px: torch.Tensor) -> dict[str, float]:
    return training_figures({"flow_px": flow_px, "loss": torch.tensor(2.0)}, ["loss"], pixel_mm=0.5, optimizers={})


def test_the_flow_is_told_in_mm():
    flow_px = torch.zeros(1, 2, 8, 8)
    flow_px[:, 0], flow_px[:, 1] = 3, 4
    assert figures(flow_px)["flow_mean_mm"] == pytest.approx(2.5)


def test_a_rigid_shift_folds_nothing():
    assert figures(torch.full((1, 2, 8, 8), 3.0))["folded_share"] == 0


def test_a_mirrored_flow_folds_everything():
    row = torch.arange(8.0)[:, None].expand(8, 8)
    flow_px = torch.stack((-2 * row, torch.zeros(8, 8)))[None]
    assert figures(flow_px)["folded_share"] == 1
