"""Pieces of a volume along its slice axis: a long scan is synthesised without its whole working grid in memory."""

import math
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class AxialSlab:
    """Where a piece of a volume lies; slices ascend towards the head and are counted from 0 in the whole volume.

    Attributes:
        source: slices of the source grid that the piece holds.
        source_slices: slices of the whole source.
        working: slices of the working grid that are made from them.
        working_slices: slices of the whole working grid.
        wanted: slices of the source grid that the piece gives back; together the pieces of a volume give each once.
    """

    source: range
    source_slices: int
    working: range
    working_slices: int
    wanted: range

    @property
    def wanted_in_source(self) -> slice:
        """Place of the wanted slices among those that the piece holds."""
        return slice(self.wanted.start - self.source.start, self.wanted.stop - self.source.start)

    @property
    def synthesised(self) -> range:
        """Slices of the piece on the working grid, counted from its first, that the wanted ones are made from.

        The others are only there as neighbours, so the network need not run on them.
        """
        core = neighbours(self.wanted, self.working_slices, self.source_slices)
        return range(core.start - self.working.start, core.stop - self.working.start)


def whole(source_slices: int, working_slices: int) -> AxialSlab:
    """The slab that is the whole volume."""
    source = range(source_slices)
    return AxialSlab(source, source_slices, range(working_slices), working_slices, wanted=source)


def resampled_slices(slices: int, spacing_mm: float, wanted_mm: float) -> int:
    """Number of slices (or rows, or columns) at the wanted spacing; the field of view stays."""
    return max(1, round(slices * spacing_mm / wanted_mm))


def position(index: int, from_slices: int, to_slices: int) -> float:
    """Where slice `index` of a grid of `to_slices` lies on a grid of `from_slices` with the same outer faces."""
    return min(max((index + 0.5) * from_slices / to_slices - 0.5, 0.0), from_slices - 1.0)


def neighbours(slices: range, from_slices: int, to_slices: int) -> range:
    """The slices of the grid of `from_slices` between which `slices` of the grid of `to_slices` are interpolated."""
    first = math.floor(position(slices.start, from_slices, to_slices))
    last = math.floor(position(slices.stop - 1, from_slices, to_slices)) + 1
    return range(first, min(last, from_slices - 1) + 1)


class AxialSlabs:
    """Cuts volumes into slabs. The result does not depend on the cuts.

    Args:
        spacing_mm: distance of the working slices.
        length: approximate number of working slices of a slab.
        context_slices: neighbours that the network sees on each side of a slice: a slab has that many more.
    """

    def __init__(self, spacing_mm: float, length: int = 48, context_slices: int = 0) -> None:
        self.spacing_mm = spacing_mm
        self.length = length
        self.context_slices = context_slices

    def __call__(self, source_slices: int, source_spacing_mm: float) -> list[AxialSlab]:
        """Cut a volume.

        Args:
            source_slices: its slices.
            source_spacing_mm: their distance.

        Returns:
            Slabs from feet to head.
        """
        working_slices = resampled_slices(source_slices, source_spacing_mm, self.spacing_mm)
        pieces = max(1, round(working_slices / self.length))
        borders = [source_slices * i // pieces for i in range(pieces + 1)]
        return [
            self._slab(range(first, last), source_slices, working_slices)
            for first, last in pairwise(borders)
            if last > first
        ]

    def _slab(self, wanted: range, source_slices: int, working_slices: int) -> AxialSlab:
        core = neighbours(wanted, working_slices, source_slices)
        working = range(max(0, core.start - self.context_slices), min(working_slices, core.stop + self.context_slices))
        needed = neighbours(working, source_slices, working_slices)
        source = range(min(needed.start, wanted.start), max(needed.stop, wanted.stop))
        return AxialSlab(source, source_slices, working, working_slices, wanted)
