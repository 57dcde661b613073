"""A context map as the context network would give it for a patient it has never seen: blurred, shifted, with faults."""

import torch
from torch.nn import functional

from scripts.organs import Organ
from scripts.views.placement import sample

FALSE_REGION_SHARE = 0.3
"""Share of the maps with a hole in an artery, and of those with a false bright spot."""


def _uniform(rng: torch.Generator) -> float:
    return float(torch.rand(1, generator=rng))


def probabilities(possible: torch.Tensor, positions_voxels: torch.Tensor) -> torch.Tensor:
    """Share of each class at positions; what may be one of several counts for each in part.

    Args:
        possible: bit masks, (1, Z, Y, X) float32.
        positions_voxels: (D, h, w, 3).

    Returns:
        (classes, D, h, w).
    """
    bits = sample(possible, positions_voxels, "nearest").round().int()  # (1, D, h, w)
    classes = torch.arange(len(Organ), device=bits.device).view(-1, 1, 1, 1)
    chosen = ((bits >> classes) & 1).float()
    return chosen / chosen.sum(dim=0, keepdim=True).clamp(min=1)


def smooth_shift_voxels(
    size: tuple[int, int], spacing_mm: tuple[float, ...], limit_mm: float, rng: torch.Generator, device: torch.device
) -> torch.Tensor:
    """A smooth shift of positions, as the network misplaces a wall, (h, w, 3) in voxels of the scan."""
    controls = torch.randn(1, 3, 6, 8, generator=rng).to(device) * _uniform(rng) * limit_mm
    shift_mm = functional.interpolate(controls, size, mode="bicubic", align_corners=True)[0].movedim(0, -1)
    return shift_mm / torch.tensor(spacing_mm, device=device)


def blur_probabilities(shares: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """Blur and sharpen a map of true classes, as an uncertain network would.

    Args:
        shares: (classes, D, h, w) on coarse pixels, of neighbouring levels.
        rng: a generator on the CPU.

    Returns:
        (classes, h, w), the middle level.
    """
    weights = torch.hann_window(shares.shape[1] + 2, periodic=False, device=shares.device)[1:-1]
    level = torch.einsum("cdhw,d->chw", shares, weights / weights.sum())
    sigma = 0.3 + 0.9 * _uniform(rng)
    x = torch.arange(-3, 4, device=shares.device, dtype=torch.float32)
    kernel = torch.exp(-0.5 * (x / sigma) ** 2)
    kernel = kernel / kernel.sum()
    level = functional.conv2d(level[:, None], kernel.view(1, 1, 1, -1), padding=(0, 3))
    level = functional.conv2d(level, kernel.view(1, 1, -1, 1), padding=(3, 0))[:, 0]
    sharp = (level + 1e-4) ** (1 + 1.5 * _uniform(rng))
    return sharp / sharp.sum(dim=0, keepdim=True)


def add_false_regions(context: torch.Tensor, pixel_mm: float, rng: torch.Generator) -> torch.Tensor:
    """Sometimes add a hole in an artery, and a false bright spot in one of the channels.

    Args:
        context: (channels of CONTEXT_ORGANS, h, w).
        pixel_mm: its pixels.
        rng: a generator on the CPU.
    """
    _, height, width = context.shape
    rows = torch.arange(height, device=context.device)[:, None] * pixel_mm
    columns = torch.arange(width, device=context.device)[None] * pixel_mm

    def gaussian_spot(row: float, column: float, reach_mm: float) -> torch.Tensor:
        return torch.exp(-0.5 * ((rows - row) ** 2 + (columns - column) ** 2) / reach_mm**2)

    if _uniform(rng) < FALSE_REGION_SHARE:
        lit = (context[0] > 0.5).nonzero()
        if len(lit):
            row, column = (lit[int(_uniform(rng) * len(lit))] * pixel_mm).tolist()
            context = context * (1 - 0.9 * _uniform(rng) * gaussian_spot(row, column, 4 + 14 * _uniform(rng)))
    if _uniform(rng) < FALSE_REGION_SHARE:
        row, column = _uniform(rng) * height * pixel_mm, _uniform(rng) * width * pixel_mm
        false = 0.7 * _uniform(rng) * gaussian_spot(row, column, 2 + 4 * _uniform(rng))
        channel = int(_uniform(rng) * len(context))
        context = context.clone()
        context[channel] = torch.maximum(context[channel], false)
    return context
