"""Draws slices so that groups of them are seen equally often, the same ones when a run is resumed or shared out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch.utils.data import Sampler


class Draw(NamedTuple):
    """A slice to load, and the seed of its augmentation."""

    index: int  # type: ignore[assignment]  # in place of tuple.index, which nobody calls
    seed: int


class BalancedSampler(Sampler[Draw]):
    """Sample slices with replacement, every group with the same probability.

    What an epoch draws depends on the seed and the epoch alone. With several processes each takes every n-th draw, so
    that together they see in a step what one process with the whole batch would see.

    Args:
        records: slice records.
        by: keys that make a group, such as region and label, or the cohort.
        count: slices drawn in an epoch, by all processes together.
        seed: the run's seed.
        rank: of this process.
        world_size: number of processes that train together.
    """

    _EPOCH_STRIDE = 1_000_003

    def __init__(
        self, records: Sequence[dict], by: Sequence[str], count: int, seed: int = 0, rank: int = 0, world_size: int = 1
    ) -> None:
        groups = [tuple(record[key] for key in by) for record in records]
        sizes = Counter(groups)
        self.weights = torch.tensor([1 / sizes[group] for group in groups], dtype=torch.double)
        self.count = count - count % world_size
        self.seed = seed
        self.rank = rank
        self.world_size = world_size
        self.epoch = 1
        self.skipped = 0

    def start(self, epoch: int, skipped: int = 0) -> None:
        """Choose the epoch of the next iteration.

        Args:
            epoch: counted from 1.
            skipped: draws of this process to leave out, since a stopped run has seen them already.
        """
        self.epoch = epoch
        self.skipped = skipped

    def __iter__(self) -> Iterator[Draw]:
        generator = torch.Generator().manual_seed(self.seed + self._EPOCH_STRIDE * self.epoch)
        indices = torch.multinomial(self.weights, self.count, replacement=True, generator=generator)
        seeds = torch.randint(2**31, (self.count,), generator=generator)
        for place in range(self.rank + self.skipped * self.world_size, self.count, self.world_size):
            yield Draw(int(indices[place]), int(seeds[place]))

    def __len__(self) -> int:
        return self.count // self.world_size
