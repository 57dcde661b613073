"""Several streams of batches as one, each in its turn."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

Batch = TypeVar("Batch")


class AlternatingBatches(Iterable[Batch]):
    """Takes a batch of each stream in turn, such as of views of different sizes.

    Args:
        streams: endless batches.
        order: order of the streams, repeated, such as [0, 0, 1]; None: each once.
    """

    def __init__(self, streams: Sequence[Iterable[Batch]], order: Sequence[int] | None = None) -> None:
        self.streams = streams
        self.order = range(len(streams)) if order is None else order

    def __iter__(self) -> Iterator[Batch]:
        """Give batches without end."""
        running = [iter(stream) for stream in self.streams]
        while True:
            for turn in self.order:
                yield next(running[turn])
