"""Random views of slices with their neighbours, for the generator: NCCT and context map in, aligned CTA out."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch.nn import functional

from scripts.hu_window import HUWindow
from scripts.organs import CONTEXT_ORGANS
from scripts.views.batches import weighted_batches
from scripts.views.placement import RandomDeformation, sample, view_positions_mm
from scripts.views.scanner import Scanner, simulate_scanner
from scripts.views.simulated_context import add_false_regions, blur_probabilities, probabilities, smooth_shift_voxels

_DEFORMATION = RandomDeformation(rotation_rad=(0.15, 0.05, 0.05), elastic_mm=4.0)
_SCANNER = Scanner(kernel_mm=0.9, slice_mm=1.8, noise_hu=32.0, least_noise_hu=5.0, grain_mm=1.1)


@dataclass(frozen=True)
class PairedScan:
    """An aligned pair on the training device.

    Attributes:
        ncct_hu, enhancement_hu: (1, Z, Y, X) float32.
        possible: bit masks of `scripts.organs`, (1, Z, Y, X) float32.
        known: 1 where the enhancement is known, (1, Z, Y, X) float32.
        spacing_mm: (slice, row, column).
        weight: how often it is shown.
        noise_free: a phantom without the blur and noise of a scanner.
        context: output of the context network, channels of CONTEXT_ORGANS, (C, z, y, x) float32, over the same extent
            on coarser voxels; None where it was not run.
    """

    ncct_hu: torch.Tensor
    enhancement_hu: torch.Tensor
    possible: torch.Tensor
    known: torch.Tensor
    spacing_mm: tuple[float, float, float]
    weight: float = 1.0
    noise_free: bool = False
    context: torch.Tensor | None = None


class GeneratorViews:
    """An endless stream of batches; scans may be added while it runs.

    Args:
        context_slices: neighbours on each side of a slice.
        size: rows and columns of a view: whole bodies, or the network would not learn where in the body it is.
        spacing_mm: of (slices, rows, columns), the working spacing.
        batch_size: views of a batch.
        hu_range: HU that -1 and 1 stand for.
        device: where views are made.
        context_px: pixels of the view that one pixel of the context map covers.
        seed: of the draws.
    """

    def __init__(
        self,
        context_slices: int,
        size: tuple[int, int],
        spacing_mm: tuple[float, float, float],
        batch_size: int,
        hu_range: tuple[float, float],
        device: torch.device,
        context_px: int = 3,
        seed: int = 0,
    ) -> None:
        self.size = (2 * context_slices + 1, *size)
        self.middle = context_slices
        self.spacing_mm, self.batch_size = tuple(spacing_mm), batch_size
        self.window = HUWindow(hu_range)
        self.device = torch.device(device)
        self.context_px = context_px
        self.scans: list[PairedScan] = []
        self._rng = torch.Generator().manual_seed(seed)

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        """Give batches.

        "image" (B, slices + channels, H, W): normalised slices, then the context map; "label" (B, 3, H, W): the
        normalised NCCT and CTA of the middle slice, and 1 where the CTA is known.
        """
        return weighted_batches(self.scans, self.view, self.batch_size, self._rng)

    def _draw(self) -> float:
        return float(torch.rand(1, generator=self._rng))

    @torch.no_grad()
    def view(self, scan: PairedScan) -> tuple[torch.Tensor, torch.Tensor]:
        """Draw one view of a scan: (slices + channels, H, W) and (3, H, W)."""
        positions_mm = view_positions_mm(self.size, self.spacing_mm, _DEFORMATION, self._rng, self.device)
        spacing = torch.tensor(scan.spacing_mm, device=self.device)
        shape = torch.tensor(scan.ncct_hu.shape[1:], dtype=torch.float32)
        extent_mm = shape * torch.tensor(scan.spacing_mm)
        centre_mm = torch.tensor(
            [
                self._draw() * float(extent_mm[0]),
                *(float(extent_mm[i]) * (0.5 + (2 * self._draw() - 1) * 0.1) for i in (1, 2)),
            ],
            device=self.device,
        )
        voxels = (positions_mm + centre_mm) / spacing - 0.5  # (D, H, W, 3)
        last = shape.to(self.device)
        in_plane = ((voxels[..., 1:] > -0.5) & (voxels[..., 1:] < last[1:] - 0.5)).all(-1)
        ncct_hu = torch.where(in_plane, sample(scan.ncct_hu, voxels), torch.tensor(-1024.0, device=self.device))
        enhancement_hu = sample(scan.enhancement_hu, voxels) * in_plane
        seen = simulate_scanner(
            torch.cat((ncct_hu, enhancement_hu)), self.spacing_mm, _SCANNER, self._rng, scan.noise_free
        )  # (2, D, H, W)
        middle = voxels[self.middle]
        inside = ((middle > -0.5) & (middle < last - 0.5)).all(-1)
        known = (sample(scan.known, middle[None])[0, 0] > 0.5) & inside
        context = self._context(scan, middle)
        slices_norm = self.window.to_norm(seen[0])  # (D, H, W)
        cta_norm = self.window.to_norm(seen[0, self.middle] + seen[1, self.middle])
        label = torch.stack((slices_norm[self.middle], cta_norm, known.float()))
        return torch.cat((slices_norm, context)), label

    def _context(self, scan: PairedScan, middle: torch.Tensor) -> torch.Tensor:
        """The map at the middle slice's positions (H, W, 3), on every pixel: (channels, H, W)."""
        step = self.context_px
        size = [-(-n // step) for n in self.size[1:]]
        coarse = functional.interpolate(middle.movedim(-1, 0)[None], size, mode="bilinear", align_corners=False)
        coarse = coarse[0].movedim(0, -1)  # (h, w, 3), in the middle of each block of pixels
        if scan.context is not None and self._draw() < 0.8:
            fine = torch.tensor(scan.ncct_hu.shape[1:], device=self.device)
            there = torch.tensor(scan.context.shape[1:], device=self.device)
            context = sample(scan.context, ((coarse + 0.5) * there / fine - 0.5)[None])[:, 0]
        else:
            shift = smooth_shift_voxels(coarse.shape[:2], scan.spacing_mm, 1.6, self._rng, self.device)
            levels = torch.tensor([-2.5, 0.0, 2.5], device=self.device) / scan.spacing_mm[0]
            around = (coarse + shift)[None].repeat(3, 1, 1, 1)
            around[..., 0] += levels[:, None, None]
            context = blur_probabilities(probabilities(scan.possible, around), self._rng)[list(CONTEXT_ORGANS)]
        context = add_false_regions(context, step * self.spacing_mm[1], self._rng)
        return functional.interpolate(context[None], self.size[1:], mode="bilinear", align_corners=False)[0]
