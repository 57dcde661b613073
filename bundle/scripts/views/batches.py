"""Batches of views of scans that are drawn by weight."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

import torch


class Weighted(Protocol):
    """A scan with a weight: how often it is shown, relative to the others."""

    @property
    def weight(self) -> float: ...


Scan = TypeVar("Scan", bound=Weighted)


def weighted_batches(
    scans: Sequence[Scan],
    view: Callable[[Scan], tuple[torch.Tensor, torch.Tensor]],
    batch_size: int,
    rng: torch.Generator,
) -> Iterator[dict[str, torch.Tensor]]:
    """Give batches without end: "image" and "label", stacked.

    Args:
        scans: read again for each batch, so that scans may be added meanwhile.
        view: draws image and label of a scan.
        batch_size: views of a batch.
        rng: a generator on the CPU, of the choice of scans.
    """
    while True:
        weights = torch.tensor([scan.weight for scan in scans])
        chosen = torch.multinomial(weights, batch_size, replacement=True, generator=rng)
        images, labels = (torch.stack(part) for part in zip(*(view(scans[int(i)]) for i in chosen), strict=True))
        yield {"image": images, "label": labels}
