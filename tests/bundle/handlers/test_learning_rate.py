import pytest
import torch

from scripts.handlers import LinearDecay


def optimizer_and_schedule(constant_epochs: int, max_epochs: int, lr: float = 1.0):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    return optimizer, LinearDecay(optimizer, constant_epochs, max_epochs)


def rates(optimizer: torch.optim.Optimizer, schedule: LinearDecay, epochs: int) -> list[float]:
    found = []
    for _ in range(epochs):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


def test_the_rate_is_constant_and_then_falls_linearly_to_zero():
    assert rates(*optimizer_and_schedule(2, 6), epochs=7) == pytest.approx([1, 1, 1, 0.75, 0.5, 0.25, 0])


def test_a_resumed_run_goes_on_with_the_rates_of_its_own_length():
    optimizer, schedule = optimizer_and_schedule(2, 6)
    rates(optimizer, schedule, epochs=6)
    prolonged_optimizer, prolonged = optimizer_and_schedule(2, 10)
    prolonged.load_state_dict(schedule.state_dict())
    assert rates(prolonged_optimizer, prolonged, epochs=3) == pytest.approx([0.5, 0.375, 0.25])


def test_a_resumed_run_takes_the_rate_of_its_own_settings():
    _, schedule = optimizer_and_schedule(2, 6)
    slower_optimizer, slower = optimizer_and_schedule(2, 6, lr=0.1)
    slower.load_state_dict(schedule.state_dict())
    assert slower_optimizer.param_groups[0]["lr"] == pytest.approx(0.1)
