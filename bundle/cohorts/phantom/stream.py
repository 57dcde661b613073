"""Phantom patients made beside a training, by all cores, while the GPU learns."""

from __future__ import annotations

import math
import multiprocessing
import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cohorts.phantom.anatomy import draw_anatomy
from cohorts.phantom.atlas.habitus import Region
from scripts.organs import possible


@dataclass(frozen=True)
class StreamedPhantom:
    """A phantom without scanner and noise; arrays are (slices, rows, columns).

    Attributes:
        ncct_hu, enhancement_hu: int16.
        possible: bit masks of `scripts.organs`, uint16.
        spacing_mm: (slice, row, column).
    """

    ncct_hu: np.ndarray
    enhancement_hu: np.ndarray
    possible: np.ndarray
    spacing_mm: tuple[float, float, float]


def stream_phantom(
    seed: int, regions: Sequence[Region], slices: int, matrix: int, spacing_mm: tuple[float, float, float]
) -> StreamedPhantom:
    """Make one phantom; a third of the patients is operated on or bulky.

    Args:
        seed: of the patient.
        regions: what may be imaged.
        slices, matrix: size of the volume.
        spacing_mm: (row, column, slice).
    """
    region = regions[seed % len(regions)]
    anatomy = draw_anatomy(
        seed, region, None, slices=slices, matrix=matrix, spacing_mm=spacing_mm, operated_share=0.15, bulky_share=0.5
    )
    canvas = anatomy.canvas
    ncct_hu = np.rint(canvas.unenhanced_hu).astype(np.int16)
    enhancement_hu = np.rint(np.maximum(canvas.arterial_hu - canvas.unenhanced_hu, 0)).astype(np.int16)
    row_mm, column_mm, slice_mm = spacing_mm
    return StreamedPhantom(ncct_hu, enhancement_hu, possible(canvas.organs), (slice_mm, row_mm, column_mm))


class PhantomStream:
    """Processes that make phantoms until the stream is closed.

    Args:
        first_seed: seed of the first patient; the next ones follow.
        workers: processes, 1 GB each.
        waiting: finished patients that may wait to be fetched.
        settings: of `stream_phantom`.
    """

    def __init__(self, first_seed: int, workers: int, waiting: int = 16, **settings) -> None:
        context = multiprocessing.get_context("spawn")
        self._finished = context.Queue(maxsize=waiting)
        self._workers = [
            context.Process(target=_make, args=(self._finished, first_seed + number, workers, settings), daemon=True)
            for number in range(workers)
        ]
        for worker in self._workers:
            worker.start()

    def fetch(self) -> Iterator[StreamedPhantom]:
        """Return what is finished, without waiting."""
        while True:
            try:
                yield self._finished.get_nowait()
            except queue.Empty:
                return

    def wait(self) -> StreamedPhantom:
        """Return the next one, and wait for it.

        Raises:
            ChildProcessError: when no process is left that could make it.
        """
        while True:
            try:
                return self._finished.get(timeout=5)
            except queue.Empty:
                if not any(worker.is_alive() for worker in self._workers):
                    raise ChildProcessError(
                        "No process is left that makes phantoms: they may have lacked memory."
                    ) from None

    def close(self) -> None:
        """End the processes; what they are making is lost."""
        for worker in self._workers:
            worker.terminate()


def _make(finished: multiprocessing.Queue, seed: int, step: int, settings: dict) -> None:
    while True:
        finished.put(stream_phantom(seed, **settings))
        seed += step


class PhantomSupply:
    """Adds finished phantoms to the scans of a training; called before each step.

    Args:
        stream: makes them.
        take: called with each phantom.
        every: steps between two checks of the stream.
        first: phantoms to wait for at the first check, needed when there are no other scans.
        most: phantoms to take; then the stream is closed, so that its processes leave the cores to the training.
    """

    def __init__(
        self,
        stream: PhantomStream,
        take: Callable[[StreamedPhantom], None],
        every: int = 5,
        first: int = 0,
        most: float = math.inf,
    ) -> None:
        self.stream, self.take, self.every, self.most = stream, take, every, most
        self._awaited, self._taken = min(first, most), 0

    def __call__(self, step: int) -> None:
        """Fetch what is finished."""
        while self._taken < self._awaited:
            self._add(self.stream.wait())
        if step % self.every == 0 and self._taken < self.most:
            for phantom in self.stream.fetch():
                self._add(phantom)
                if self._taken == self.most:
                    break  # the queue of a closed stream may end in the middle of a phantom

    def _add(self, phantom: StreamedPhantom) -> None:
        self.take(phantom)
        self._taken += 1
        if self._taken == self.most:
            self.stream.close()
