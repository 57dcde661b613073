"""Draws slices so that groups of them are seen equally often."""

from collections import Counter
from collections.abc import Sequence

from torch.utils.data import WeightedRandomSampler


def balanced_sampler(records: Sequence[dict], by: Sequence[str], count: int) -> WeightedRandomSampler:
    """Sample slices with replacement, every group with the same probability.

    Args:
        records: slice records.
        by: keys that make a group, such as region and label, or the cohort.
        count: slices drawn in an epoch.
    """
    groups = [tuple(record[key] for key in by) for record in records]
    sizes = Counter(groups)
    return WeightedRandomSampler([1 / sizes[group] for group in groups], num_samples=count)
