import os
import signal
from collections.abc import Iterator

import pytest
import torch
from torch import nn
from torch.nn import functional

from scripts.engines.view_trainer import ViewTrainer

pytestmark = pytest.mark.slow


def batches(value: float = 1.0) -> Iterator[dict[str, torch.Tensor]]:
    """Endless batches that ask for twice the image."""
    while True:
        image = torch.full((4, 1), value)
        yield {"image": image, "label": 2 * image}


@pytest.fixture
def network() -> nn.Linear:
    linear = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(linear.weight)
    return linear


def trainer(network, tmp_path, views=None, loss=functional.mse_loss, **settings) -> ViewTrainer:
    settings = {"steps": 60, "learning_rate": 0.2, "warm_up": 1, "decay": 0.5} | settings
    return ViewTrainer(network, views or batches(), loss, tmp_path / "model.pt", **settings)


def test_it_learns(network, tmp_path):
    assert trainer(network, tmp_path).run().weight.item() == pytest.approx(2, abs=0.2)


def test_the_file_holds_the_weights_that_are_returned(network, tmp_path):
    averaged = trainer(network, tmp_path).run()
    state = torch.load(tmp_path / "model.pt", weights_only=True)
    assert torch.equal(state["weight"], averaged.weight)


def test_what_is_kept_lags_behind_the_network(network, tmp_path):
    averaged = trainer(network, tmp_path, steps=5, decay=0.9).run()
    assert 0 < averaged.weight.item() < network.weight.item()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_after_the_step_and_leaves_the_weights(network, tmp_path, number, code):
    def stop_at_the_tenth(step):
        if step == 10:
            os.kill(os.getpid(), number)

    with pytest.raises(SystemExit) as end:
        trainer(network, tmp_path, steps=10**9, before_step=stop_at_the_tenth).run()
    assert end.value.code == code
    assert torch.load(tmp_path / "model.pt", weights_only=True)["weight"].item() > 0


def test_a_job_that_is_ended_twice_leaves_its_weights(network, tmp_path):
    def stop_twice(step):
        if step == 10:
            for _ in range(2):
                os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit):
        trainer(network, tmp_path, steps=10**9, before_step=stop_twice).run()
    assert (tmp_path / "model.pt").exists()


def test_the_weights_so_far_are_written_on_the_way(network, tmp_path):
    there = []
    settings = {"steps": 8, "save_every": 3, "before_step": lambda _: there.append((tmp_path / "model.pt").exists())}
    trainer(network, tmp_path, **settings).run()
    assert there == [False] * 3 + [True] * 5


def test_it_ends_after_its_steps(network, tmp_path):
    seen = []
    trainer(network, tmp_path, steps=7, before_step=seen.append).run()
    assert seen == list(range(7))


def test_it_ends_after_its_minutes(network, tmp_path):
    seen = []
    trainer(network, tmp_path, steps=10**9, minutes=0.002, before_step=seen.append).run()
    assert 0 < len(seen) < 10**6


def test_the_rate_falls_towards_the_end(network, tmp_path):
    rates = []
    training = trainer(network, tmp_path, steps=20)
    training.before_step = lambda _: rates.append(training.optimizer.param_groups[0]["lr"])
    training.run()
    assert rates[1:] == sorted(rates[1:], reverse=True)
    assert rates[-1] < 0.05 * rates[1]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_step_whose_gradient_is_no_number_does_not_spoil_the_weights(network, tmp_path, value):
    calls = iter([False, True] + [False] * 100)

    def loss(answer, label):
        return functional.mse_loss(answer, label) * (value if next(calls) else 1.0)

    assert trainer(network, tmp_path, loss=loss).run().weight.item() == pytest.approx(2, abs=0.2)


def test_statistics_of_batch_norm_are_those_of_the_views(tmp_path):
    network = nn.Sequential(nn.BatchNorm1d(1), nn.Linear(1, 1))
    averaged = trainer(network, tmp_path, views=batches(5.0), steps=20).run()
    assert averaged[0].running_mean.item() > 3


def test_statistics_of_a_network_that_is_tuned_stay_as_they_are(tmp_path):
    network = nn.Sequential(nn.BatchNorm1d(1), nn.Linear(1, 1))
    before = network[0].running_mean.clone()
    averaged = trainer(network, tmp_path, steps=3, statistics_batches=0).run()
    assert torch.equal(averaged[0].running_mean, before)
