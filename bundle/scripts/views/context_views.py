"""Random coarse views of whole scans, for the context network."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from scripts.hu_window import HUWindow
from scripts.organs import ANY_ORGAN
from scripts.views.batches import weighted_batches
from scripts.views.placement import RandomDeformation, sample, view_positions_mm
from scripts.views.scanner import Scanner, simulate_scanner

_DEFORMATION, _SCANNER = RandomDeformation(), Scanner()


@dataclass(frozen=True)
class LabelledScan:
    """A scan with what is known of its anatomy, on the training device.

    Attributes:
        ncct_hu: (1, Z, Y, X) float32, slices to the head, rows to posterior, columns to the left.
        possible: bit masks of `scripts.organs`, (1, Z, Y, X) float32.
        spacing_mm: (slice, row, column).
        weight: how often it is shown, relative to the others.
        noise_free: it has no noise of its own, as a phantom.
    """

    ncct_hu: torch.Tensor
    possible: torch.Tensor
    spacing_mm: tuple[float, float, float]
    weight: float = 1.0
    noise_free: bool = False


def labelled_scan(
    ncct_hu: np.ndarray,
    possible: np.ndarray,
    spacing_mm: tuple[float, float, float],
    weight: float,
    device: torch.device,
    coarsest_mm: float = 1.5,
) -> LabelledScan:
    """Bring a scan to the device, averaged over blocks of pixels up to `coarsest_mm`.

    Args:
        ncct_hu, possible: (slices, rows, columns).
        spacing_mm: (slice, row, column).
        weight: how often it is shown.
        device: where.
        coarsest_mm: side of a block at most.
    """
    block = max(1, int(coarsest_mm / spacing_mm[1]))
    values = torch.as_tensor(ncct_hu.astype(np.float32), device=device)[None]  # (1, Z, Y, X)
    labels = torch.as_tensor(possible.astype(np.float32), device=device)[None]
    if block > 1:
        values = functional.avg_pool2d(values, block)
        middle = block // 2
        labels = labels[..., middle::block, middle::block][..., : values.shape[-2], : values.shape[-1]]
    slice_mm, row_mm, column_mm = spacing_mm
    return LabelledScan(values, labels.contiguous(), (slice_mm, row_mm * block, column_mm * block), weight)


class ContextViews:
    """An endless stream of batches; scans may be added while it runs.

    Args:
        size: slices, rows and columns of a view.
        spacing_mm: their distances, those of the context network.
        batch_size: views of a batch.
        hu_range: HU that -1 and 1 stand for.
        device: where views are made.
        deformation, scanner: how far views deviate from the scans.
        seed: of the draws.
        whole_share: share of the views that see all slices of their scan; the others see a part, as a short scan shows.
        shortest_mm: of such a part.
    """

    def __init__(
        self,
        size: tuple[int, int, int],
        spacing_mm: tuple[float, float, float],
        batch_size: int,
        hu_range: tuple[float, float],
        device: torch.device,
        deformation: RandomDeformation = _DEFORMATION,
        scanner: Scanner = _SCANNER,
        seed: int = 0,
        whole_share: float = 0.5,
        shortest_mm: float = 30.0,
    ) -> None:
        self.size, self.spacing_mm, self.batch_size = tuple(size), tuple(spacing_mm), batch_size
        self.whole_share, self.shortest_mm = whole_share, shortest_mm
        self.window = HUWindow(hu_range)
        self.device = torch.device(device)
        self.deformation, self.scanner = deformation, scanner
        self.scans: list[LabelledScan] = []
        self._rng = torch.Generator().manual_seed(seed)

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        """Give batches: "image" (B, 1, D, H, W) normalised, "label" (B, 1, D, H, W) bit masks, int32."""
        return weighted_batches(self.scans, self.view, self.batch_size, self._rng)

    def _draw(self) -> float:
        return float(torch.rand(1, generator=self._rng))

    @torch.no_grad()
    def view(self, scan: LabelledScan) -> tuple[torch.Tensor, torch.Tensor]:
        """Draw one view of a scan: the normalised image and its bit masks, both (1, D, H, W)."""
        positions_mm = view_positions_mm(self.size, self.spacing_mm, self.deformation, self._rng, self.device)
        spacing = torch.tensor(scan.spacing_mm, device=self.device)
        shape = torch.tensor(scan.ncct_hu.shape[1:], dtype=torch.float32)
        extent_mm = shape * torch.tensor(scan.spacing_mm)
        lower, upper = self._short_scan(int(shape[0]), scan.spacing_mm[0])
        middle = (lower + self._draw() * (upper - lower)) * scan.spacing_mm[0]
        centre_mm = torch.tensor(
            [middle, *(extent_mm[i] / 2 + (2 * self._draw() - 1) * 0.08 * extent_mm[i] for i in (1, 2))],
            device=self.device,
        )
        voxels = (positions_mm + centre_mm) / spacing - 0.5  # (D, H, W, 3)
        inside = ((voxels > -0.5) & (voxels < shape.to(self.device) - 0.5)).all(-1)
        inside &= (voxels[..., 0] > lower - 0.5) & (voxels[..., 0] < upper - 0.5)
        voxels[..., 0] = voxels[..., 0].clamp(lower, upper - 1)
        ncct_hu = sample(scan.ncct_hu, voxels)
        possible = sample(scan.possible, voxels, "nearest").round().int()
        in_plane = ((voxels[..., 1:] > -0.5) & (voxels[..., 1:] < shape[1:].to(self.device) - 0.5)).all(-1)
        ncct_hu = torch.where(in_plane, ncct_hu, torch.full_like(ncct_hu, -1024))
        ncct_hu = simulate_scanner(ncct_hu, self.spacing_mm, self.scanner, self._rng, scan.noise_free)
        ncct_hu, inside = self._cut_field_of_view(ncct_hu, inside)
        possible = torch.where(inside, possible, torch.full_like(possible, ANY_ORGAN))
        return self.window.to_norm(ncct_hu), possible

    def _short_scan(self, slices: int, slice_mm: float) -> tuple[float, float]:
        """First and last slice (exclusive) of the part of the scan that the view is of."""
        if self._draw() < self.whole_share:
            return 0.0, float(slices)
        shortest = min(float(slices), self.shortest_mm / slice_mm)
        length = shortest + self._draw() * (slices - shortest)
        first = self._draw() * (slices - length)
        return first, first + length

    def _cut_field_of_view(self, ncct_hu: torch.Tensor, inside: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Sometimes show only a circle of the slices, as reconstructions of the heart or the spine do."""
        if self._draw() > 0.2:
            return ncct_hu, inside
        height, width = ncct_hu.shape[-2:]
        rows = torch.arange(height, device=self.device)[:, None] * self.spacing_mm[1]
        columns = torch.arange(width, device=self.device)[None] * self.spacing_mm[2]
        middle_row = height * self.spacing_mm[1] * (0.4 + 0.2 * self._draw())
        middle_column = width * self.spacing_mm[2] * (0.4 + 0.2 * self._draw())
        radius_mm = 90 + 120 * self._draw()
        seen = (rows - middle_row) ** 2 + (columns - middle_column) ** 2 < radius_mm**2  # (H, W)
        return torch.where(seen, ncct_hu, torch.full_like(ncct_hu, -1024)), inside & seen
