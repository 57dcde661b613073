from collections import Counter

import torch

from scripts.data import balanced_sampler


def test_small_groups_are_drawn_as_often_as_large_ones():
    torch.manual_seed(0)
    records = [{"region": "chest"}] * 990 + [{"region": "neck"}] * 10
    drawn = Counter(records[index]["region"] for index in balanced_sampler(records, ["region"], count=2000))
    assert abs(drawn["neck"] - 1000) < 100
