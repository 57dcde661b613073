"""Scanner noise: its level and grain measured in homogeneous blood or tissue, and new noise of the same kind."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

DETREND_VOXELS = 6.0
"""Width of the in-plane Gaussian whose result counts as anatomy, not noise."""


WIDTHS_VOXELS = np.linspace(0.2, 4.0, 191)


def _neighbour_correlation(width_voxels: float) -> float:
    """Correlation between neighbours of white noise through a sampled Gaussian."""
    kernel = np.exp(-(np.arange(-16, 17) ** 2) / (2 * width_voxels**2))
    return float(kernel[1:] @ kernel[:-1] / (kernel @ kernel))


NEIGHBOUR_CORRELATION = np.array([_neighbour_correlation(width) for width in WIDTHS_VOXELS])


@dataclass(frozen=True)
class Noise:
    """Stationary Gaussian noise.

    Attributes:
        sd_hu: standard deviation.
        width_voxels: width (slice, row, column) of the Gaussian that gives white noise the measured correlation.
    """

    sd_hu: float
    width_voxels: tuple[float, float, float]


def _residual(hu: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`hu` less its local mean inside `mask`, slice by slice; 0 outside."""
    weight = mask.astype(np.float32)
    width = (0, DETREND_VOXELS, DETREND_VOXELS)
    mean = ndimage.gaussian_filter(hu * weight, width) / np.maximum(ndimage.gaussian_filter(weight, width), 1e-6)
    return np.where(mask, hu - mean, 0)


def measure_noise(hu: np.ndarray, mask: np.ndarray) -> Noise:
    """Level and correlation between neighbours of the noise in a homogeneous structure.

    Args:
        hu: (slices, rows, columns).
        mask: the structure's inside, at least one voxel away from its edge; at least 200 voxels.
    """
    if mask.sum() < 200:
        raise ValueError(f"{mask.sum()} voxels are too few to measure noise; at least 200 are needed.")
    residual = _residual(hu, mask)
    # calcium, stents and streaks are not noise: leave out outliers
    usual = 5 * 1.48 * float(np.median(np.abs(residual[mask])))
    mask = mask & (np.abs(residual) < usual)
    residual = _residual(hu, mask)
    variance = float(np.mean(residual[mask] ** 2))

    def width_voxels(axis: int) -> float:
        here = tuple(slice(None, -1) if a == axis else slice(None) for a in range(3))
        there = tuple(slice(1, None) if a == axis else slice(None) for a in range(3))
        both = mask[here] & mask[there]
        correlation = float(np.mean(residual[here][both] * residual[there][both])) / variance if both.any() else 0.0
        return float(np.interp(correlation, NEIGHBOUR_CORRELATION, WIDTHS_VOXELS))

    return Noise(float(np.sqrt(variance)), (width_voxels(0), width_voxels(1), width_voxels(2)))


def synthesise_noise(noise: Noise, shape: tuple[int, int, int], rng: np.random.Generator) -> np.ndarray:
    """A new (slices, rows, columns) float32 field with the level and grain of `noise`."""
    white = rng.standard_normal(shape, dtype=np.float32)
    field = ndimage.gaussian_filter(white, noise.width_voxels, mode="wrap")
    return field * (noise.sd_hu / field.std())
