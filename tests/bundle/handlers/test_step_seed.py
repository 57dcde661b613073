import torch
from ignite.engine import Engine, Events

from scripts.data import BalancedSampler
from scripts.handlers import StepSeed, seed_run

STEPS = 4


def run(epoch_length: int = STEPS, iteration: int = 0) -> tuple[list[float], list[int]]:
    """Two epochs of two draws a step; returns what torch drew in each step and where the sampler began each epoch."""
    sampler = BalancedSampler([{"region": "chest"}] * 9, ["region"], count=2 * STEPS)
    drawn: list[float] = []
    skipped: list[int] = []
    engine = Engine(lambda engine, batch: drawn.append(torch.rand(1).item()))
    StepSeed(1, sampler, batch_size=2).attach(engine)
    engine.add_event_handler(Events.EPOCH_STARTED, lambda: skipped.append(sampler.skipped))
    state = {"epoch_length": epoch_length, "max_epochs": 2, "iteration": iteration}
    engine.load_state_dict(state)
    engine.run([0] * STEPS)
    return drawn, skipped


def test_a_step_draws_the_same_whatever_came_before():
    torch.manual_seed(5)
    drawn, _ = run()
    assert run()[0] == drawn


def test_steps_draw_differently():
    drawn, _ = run()
    assert len(set(drawn)) == 2 * STEPS


def test_a_run_stopped_within_an_epoch_goes_on_with_its_next_step():
    resumed, skipped = run(iteration=3)
    assert resumed == run()[0][3:]
    assert skipped == [6, 0]


def test_a_checkpoint_of_shorter_epochs_goes_on_with_whole_ones():
    resumed, skipped = run(epoch_length=2, iteration=2)
    assert len(resumed) == STEPS
    assert skipped == [0]


def test_deterministic_algorithms_are_a_choice():
    seed_run(0, deterministic=True)
    chosen = torch.are_deterministic_algorithms_enabled()
    seed_run(0, deterministic=False)
    assert (chosen, torch.are_deterministic_algorithms_enabled()) == (True, False)


def test_the_same_seed_gives_the_same_first_weights():
    seed_run(3, deterministic=False)
    first = torch.nn.Linear(4, 4).weight
    seed_run(3, deterministic=False)
    assert torch.equal(torch.nn.Linear(4, 4).weight, first)
