"""Imitates another scanner for the same patient: kernel, slice thickness, noise, streaks, calibration."""

from dataclasses import dataclass

import torch
from torch.nn import functional


@dataclass(frozen=True)
class Scanner:
    """Range of scanners that views are seen through; each value is drawn between zero and this limit.

    Attributes:
        kernel_mm: standard deviation of the in-plane blur.
        slice_mm: standard deviation of the blur across slices.
        noise_hu: standard deviation of the noise of a voxel.
        least_noise_hu: added to a scan that has none of its own.
        grain_mm: standard deviation of the blur that gives noise its grain.
        streak_hu: standard deviation of horizontal streaks, as shoulders make them.
        offset_hu: shift of all values, either way.
        slope: relative change of all values about those of water, either way.
    """

    kernel_mm: float = 1.6
    slice_mm: float = 2.2
    noise_hu: float = 28.0
    least_noise_hu: float = 6.0
    grain_mm: float = 2.0
    streak_hu: float = 35.0
    offset_hu: float = 12.0
    slope: float = 0.03


def _uniform(rng: torch.Generator) -> float:
    return float(torch.rand(1, generator=rng))


def _kernel(sigma: float, device: torch.device) -> torch.Tensor:
    reach = max(1, round(3 * sigma))
    x = torch.arange(-reach, reach + 1, device=device, dtype=torch.float32)
    weights = torch.exp(-0.5 * (x / max(sigma, 1e-3)) ** 2)
    return weights / weights.sum()


def blur(volume: torch.Tensor, sigmas: tuple[float, float, float]) -> torch.Tensor:
    """Gaussian blur of (C, D, H, W) by standard deviations in voxels along (D, H, W); below 0.2 it is left out."""
    blurred = volume[:, None]
    for axis, sigma in enumerate(sigmas):
        if sigma < 0.2:
            continue
        weights = _kernel(sigma, volume.device)
        shape, padding = [1, 1, 1, 1, 1], [0] * 6
        shape[2 + axis] = len(weights)
        padding[4 - 2 * axis] = padding[5 - 2 * axis] = len(weights) // 2
        padded = functional.pad(blurred, padding, mode="replicate")
        blurred = functional.conv3d(padded, weights.view(shape))
    return blurred[:, 0]


def _noise(shape: tuple[int, ...], sigmas: tuple[float, float, float], device: torch.device) -> torch.Tensor:
    """Noise of standard deviation 1 with a grain, (1, D, H, W)."""
    white = blur(torch.randn(1, *shape, device=device), sigmas)
    return white / white.std().clamp(min=1e-6)


def simulate_scanner(
    view: torch.Tensor,
    spacing_mm: tuple[float, float, float],
    scanner: Scanner,
    rng: torch.Generator,
    noise_free: bool = False,
) -> torch.Tensor:
    """See a view through a drawn scanner.

    Args:
        view: NCCT in HU as first channel; what is blurred with it (the enhancement) as further ones, (C, D, H, W).
        spacing_mm: of its (slices, rows, columns).
        scanner: limits.
        rng: a generator on the CPU.
        noise_free: the scan has no noise of its own.

    Returns:
        The view as that scanner shows it, the same shape; air stays air.
    """
    device, shape = view.device, tuple(view.shape[1:])
    slice_mm, row_mm, column_mm = spacing_mm
    kernel_mm, across_mm = _uniform(rng) ** 2 * scanner.kernel_mm, _uniform(rng) ** 2 * scanner.slice_mm
    seen = blur(view, (across_mm / slice_mm, kernel_mm / row_mm, kernel_mm / column_mm))
    grain_mm = _uniform(rng) * scanner.grain_mm
    grain = (across_mm / slice_mm, grain_mm / row_mm, grain_mm / column_mm)
    level_hu = _uniform(rng) ** 1.5 * scanner.noise_hu + (scanner.least_noise_hu if noise_free else 0.0)
    noise_hu = level_hu * _noise(shape, grain, device)
    if _uniform(rng) < 0.3:
        streaks = _noise(shape, (0.6, 0.7, 25 / column_mm), device)
        centre, reach = _uniform(rng) * shape[0], (20 + _uniform(rng) * 60) / slice_mm
        level = torch.exp(-0.5 * ((torch.arange(shape[0], device=device) - centre) / reach) ** 2)
        noise_hu = noise_hu + _uniform(rng) * scanner.streak_hu * streaks * level[:, None, None]
    body = (view[:1] > -950).float()
    slope = 1 + (2 * _uniform(rng) - 1) * scanner.slope
    offset_hu = (2 * _uniform(rng) - 1) * scanner.offset_hu
    ncct_hu = (seen[:1] * slope + (noise_hu + offset_hu) * body).clamp(min=-1024)
    return torch.cat((ncct_hu, seen[1:]))
