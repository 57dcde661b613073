"""Where a random view lies in a scan: rotation, scale, and a smooth deformation."""

import math
from dataclasses import dataclass

import torch
from torch.nn import functional


@dataclass(frozen=True)
class RandomDeformation:
    """How strongly a view may deviate from the scan as it was taken.

    Attributes:
        rotation_rad: largest rotation about each axis (slice, row, column).
        scale: largest relative change of size, common to all axes.
        stretch: further relative change of each axis by itself.
        elastic_mm: largest standard deviation of the shifts of the control points.
        control_mm: distance of the control points.
    """

    rotation_rad: tuple[float, float, float] = (0.15, 0.08, 0.08)
    scale: float = 0.14
    stretch: float = 0.06
    elastic_mm: float = 6.0
    control_mm: float = 45.0


def _between(low: float, high: float, size: int, rng: torch.Generator) -> torch.Tensor:
    return low + (high - low) * torch.rand(size, generator=rng)


def _rotation(angles: torch.Tensor) -> torch.Tensor:
    """Rotation matrix of three angles about the axes (slice, row, column)."""
    turned = torch.eye(3)
    for axis, angle in enumerate(angles):
        first, second = [i for i in range(3) if i != axis]
        step = torch.eye(3)
        step[first, first] = step[second, second] = torch.cos(angle)
        step[first, second], step[second, first] = -torch.sin(angle), torch.sin(angle)
        turned = turned @ step
    return turned


def view_positions_mm(
    size: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
    deformation: RandomDeformation,
    rng: torch.Generator,
    device: torch.device,
) -> torch.Tensor:
    """Positions of a bent view's voxels relative to its centre.

    Args:
        size: slices, rows and columns of the view.
        spacing_mm: their distances.
        deformation: how far it may deviate.
        rng: a generator on the CPU.
        device: where the positions are wanted.

    Returns:
        (slices, rows, columns, 3) in mm along (slice, row, column), float32.
    """
    limits = torch.tensor(deformation.rotation_rad)
    rotation = _rotation(limits * _between(-1, 1, 3, rng))
    scale = torch.exp(_between(-1, 1, 1, rng) * deformation.scale + _between(-1, 1, 3, rng) * deformation.stretch)
    axes = [
        (torch.arange(n, device=device, dtype=torch.float32) - (n - 1) / 2) * step
        for n, step in zip(size, spacing_mm, strict=True)
    ]
    grid = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)  # (D, H, W, 3)
    positions_mm = grid @ (rotation @ torch.diag(scale)).T.to(device)
    strength_mm = float(torch.rand(1, generator=rng)) * deformation.elastic_mm
    # A view thinner than their distance lies between two layers of control points: its slices move almost alike.
    controls = [math.ceil(n * step / deformation.control_mm) + 1 for n, step in zip(size, spacing_mm, strict=True)]
    shifts_mm = torch.randn(3, *controls, generator=rng).to(device) * strength_mm
    middle = (torch.tensor(controls, device=device) - 1) / 2
    shift_mm = sample(shifts_mm, grid / deformation.control_mm + middle)
    return positions_mm + shift_mm.movedim(0, -1)


def sample(volume: torch.Tensor, position_voxels: torch.Tensor, mode: str = "bilinear") -> torch.Tensor:
    """Read a volume at positions; outside it the edge values continue.

    Args:
        volume: (C, Z, Y, X), float32.
        position_voxels: (D, H, W, 3), indices along (slice, row, column).
        mode: "bilinear" (in all three directions) or "nearest".

    Returns:
        (C, D, H, W).
    """
    last = torch.tensor([max(n - 1, 1) for n in volume.shape[1:]], device=volume.device, dtype=torch.float32)
    grid = (position_voxels / last * 2 - 1).flip(-1)  # grid_sample counts (x, y, z)
    return functional.grid_sample(volume[None], grid[None], mode=mode, padding_mode="border", align_corners=True)[0]
