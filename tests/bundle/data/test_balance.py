from collections import Counter

from scripts.data import BalancedSampler, Draw

RECORDS = [{"region": "chest", "label": "healthy"}] * 990 + [{"region": "neck", "label": "healthy"}] * 10


def sampler(count: int = 2000, **settings: int) -> BalancedSampler:
    return BalancedSampler(RECORDS, ["region", "label"], count, **settings)


def draws(epoch: int, skipped: int = 0, count: int = 12, **settings: int) -> list[Draw]:
    drawn = sampler(count, **settings)
    drawn.start(epoch, skipped)
    return list(drawn)


def test_small_groups_are_drawn_as_often_as_large_ones():
    drawn = Counter(RECORDS[draw.index]["region"] for draw in sampler())
    assert abs(drawn["neck"] - 1000) < 100


def test_an_epoch_draws_the_same_every_time():
    assert draws(epoch=5) == draws(epoch=5)


def test_epochs_draw_differently():
    assert draws(epoch=5) != draws(epoch=6)


def test_a_stopped_epoch_goes_on_with_the_next_draw():
    assert draws(epoch=5, skipped=4) == draws(epoch=5)[4:]


def test_processes_together_draw_what_one_would():
    one = draws(epoch=2)
    first, second = (draws(epoch=2, rank=rank, world_size=2) for rank in (0, 1))
    assert [draw for pair in zip(first, second, strict=True) for draw in pair] == one


def test_every_process_draws_equally_often():
    assert [len(sampler(11, rank=rank, world_size=3)) for rank in range(3)] == [3, 3, 3]
