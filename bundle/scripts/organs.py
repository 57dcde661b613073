"""Classes of anatomy that the context network distinguishes, and how partly known anatomy is written down."""

from collections.abc import Iterable
from enum import IntEnum

import numpy as np


class Organ(IntEnum):
    """Class of a voxel on the anatomy of the NCCT; the value is its channel in the context network's output."""

    OTHER = 0
    ARTERY = 1
    LEFT_HEART = 2
    RIGHT_HEART = 3
    VEIN = 4
    MYOCARDIUM = 5
    OESOPHAGUS = 6
    MUSCLE = 7
    PARENCHYMA = 8
    BONE = 9


CONTEXT_ORGANS = (
    Organ.ARTERY,
    Organ.LEFT_HEART,
    Organ.RIGHT_HEART,
    Organ.VEIN,
    Organ.MYOCARDIUM,
    Organ.PARENCHYMA,
)
"""Channels of the context map that the generator gets, in this order: all that takes up contrast."""


def bits(organs: Iterable[Organ]) -> int:
    """Bit mask of the classes that a voxel may belong to."""
    return sum(1 << organ for organ in set(organs))


ANY_ORGAN = bits(Organ)
"""Mask of a voxel about which nothing is known: training ignores it."""

NO_BRIGHT_BLOOD = bits(set(Organ) - {Organ.ARTERY, Organ.LEFT_HEART, Organ.RIGHT_HEART})
"""Mask of other tissue in a scan whose arteries and heart are all known: neither artery nor heart."""


def possible(organs: np.ndarray) -> np.ndarray:
    """Bit masks of voxels whose class is known, uint16, from a map of classes of any shape."""
    return np.left_shift(1, organs.astype(np.uint16)).astype(np.uint16)
