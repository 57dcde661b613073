import pytest
import torch

from scripts.handlers import linear_decay


def rates(constant_epochs: int, max_epochs: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = linear_decay(optimizer, constant_epochs, max_epochs)
    found = []
    for _ in range(max_epochs + 1):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


def test_the_rate_is_constant_and_then_falls_linearly_to_zero():
    assert rates(2, 6) == pytest.approx([1, 1, 1, 0.75, 0.5, 0.25, 0])
