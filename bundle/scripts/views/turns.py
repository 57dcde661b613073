"""Several streams of batches as one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

Batch = TypeVar("Batch")


class InTurn(Iterable[Batch]):
    """Takes a batch of each stream in turn, such as of views of different sizes.

    Args:
        streams: endless batches.
        turns: order of the streams, repeated, such as [0, 0, 1]; None: each once.
    """

    def __init__(self, streams: Sequence[Iterable[Batch]], turns: Sequence[int] | None = None) -> None:
        self.streams = streams
        self.turns = range(len(streams)) if turns is None else turns

    def __iter__(self) -> Iterator[Batch]:
        """Give batches without end."""
        running = [iter(stream) for stream in self.streams]
        while True:
            for turn in self.turns:
                yield next(running[turn])
