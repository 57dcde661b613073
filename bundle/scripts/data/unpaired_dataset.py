"""NCCT and CTA slices that do not belong together, for CycleGAN."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from torch.utils.data import Dataset

from scripts.data.balance import Draw
from scripts.data.seeded_dataset import SeededDataset


class UnpairedDataset(Dataset):
    """Gives each NCCT slice the CTA of another slice, drawn from the same group.

    From the same group, so that NCCT and CTA have the same mix of regions, which a discriminator would learn otherwise.

    Args:
        paired: the pairs.
        by: keys that make a group, as in `BalancedSampler`.
    """

    def __init__(self, paired: SeededDataset, by: Sequence[str]) -> None:
        self.paired = paired
        self._group_of = [tuple(record[key] for key in by) for record in paired.data]
        self._members: dict[tuple, list[int]] = defaultdict(list)
        for index, group in enumerate(self._group_of):
            self._members[group].append(index)

    def __len__(self) -> int:
        return len(self.paired)

    def __getitem__(self, draw: Draw) -> dict[str, torch.Tensor]:
        """Load "ncct" of the drawn slice and "cta" of another one."""
        members = self._members[self._group_of[draw.index]]
        generator = np.random.default_rng(draw.seed)
        other = Draw(members[generator.integers(len(members))], int(generator.integers(2**31)))
        return {"ncct": self.paired[draw]["ncct"], "cta": self.paired[other]["cta"]}
