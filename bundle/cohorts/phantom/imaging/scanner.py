"""Image formation: point spread, noise with the texture of a reconstruction kernel, streaks between the shoulders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from cohorts.phantom.atlas.smooth_noise import linear_zoom

AIR_HU, LOWEST_HU, HIGHEST_HU = -1000, -1024, 3071


@dataclass(frozen=True)
class Scanner:
    """How one examination is imaged.

    Args:
        psf_mm: FWHM of the point spread in plane.
        slice_mm: FWHM of the slice profile.
        noise_hu: SD of the noise in the body's middle.
        cutoff_per_mm: frequency where the kernel falls to 1/e; 0.35 is a soft, 0.55 a standard kernel.
        streak_hu: SD of the horizontal streaks through the shoulders.
    """

    psf_mm: float
    slice_mm: float
    noise_hu: float
    cutoff_per_mm: float
    streak_hu: float


def draw_scanner(rng: np.random.Generator) -> Scanner:
    """Draw an examination: soft to standard kernel, noise SD 8 to 22 HU."""
    return Scanner(
        psf_mm=float(rng.uniform(0.75, 1.15)),
        slice_mm=float(rng.uniform(0.9, 1.4)),
        noise_hu=float(rng.uniform(8, 22)),
        cutoff_per_mm=float(rng.uniform(0.32, 0.5)),
        streak_hu=float(rng.uniform(0.0, 5.0)),
    )


def blur(volume_hu: np.ndarray, scanner: Scanner, spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """Point spread in plane and slice profile; `spacing_mm` is (row, column, slice)."""
    sigmas = (
        scanner.slice_mm / 2.355 / spacing_mm[2],
        scanner.psf_mm / 2.355 / spacing_mm[0],
        scanner.psf_mm / 2.355 / spacing_mm[1],
    )
    result = volume_hu
    for axis, sigma in enumerate(sigmas):
        if sigma > 0.15:
            result = gaussian_filter1d(result, sigma, axis=axis, mode="nearest", truncate=3.0)
    return result


def _kernel_noise(rng: np.random.Generator, shape, scanner: Scanner, spacing_mm) -> np.ndarray:
    """Unit-SD noise whose power spectrum is a ramp times the kernel squared (filtered back-projection)."""
    fy = fft.fftfreq(shape[1], spacing_mm[0])[:, None]
    fx = fft.rfftfreq(shape[2], spacing_mm[1])[None, :]
    radius = np.sqrt(fx * fx + fy * fy)
    gain = (np.sqrt(radius + 0.02) * np.exp(-((radius / scanner.cutoff_per_mm) ** 2) / 2)).astype(np.float32)
    noise = np.empty(shape, np.float32)
    for k in range(shape[0]):
        white = rng.standard_normal(shape[1:], dtype=np.float32)
        noise[k] = fft.irfft2(fft.rfft2(white) * gain, s=shape[1:])
    if shape[0] > 2:
        noise = gaussian_filter1d(noise, 0.45, axis=0, mode="reflect", truncate=3.0)
    noise /= noise.std() + np.float32(1e-9)
    return noise


def _noise_map(clean_hu: np.ndarray, spacing_mm) -> np.ndarray:
    """Relative noise: about 1 in the middle of the body, lower at its edge and in air, higher on long paths."""
    step = max(1, round(5.0 / spacing_mm[0]))
    water = np.clip((clean_hu[:, ::step, ::step] + 1000) / 1000, 0, 2.2)
    pitch = spacing_mm[0] * step
    lateral = water.sum(axis=2, keepdims=True) * pitch / 320  # water path along x, relative to 320 mm
    density = gaussian_filter(water, (1, 45 / pitch, 60 / pitch), mode="constant")
    relative = 0.45 + 0.55 * np.clip(density / 0.75, 0, 1.4)
    relative = relative * np.clip(0.65 + 0.35 * lateral, 0.6, 1.5)
    rows, columns = (np.arange(n) / step for n in clean_hu.shape[1:])
    return linear_zoom(relative, (None, rows, columns))


def _streaks(rng: np.random.Generator, clean_hu: np.ndarray, spacing_mm) -> np.ndarray:
    """Fine horizontal streaks (z, y, 1) where the lateral path is long."""
    path = np.clip((clean_hu[:, :, ::4] + 1000) / 1000, 0, 2.2).sum(axis=2) * spacing_mm[1] * 4  # (z, y)
    strength = np.clip((path - 260) / 120, 0, 1)
    white = rng.standard_normal(path.shape)
    bands = gaussian_filter1d(white, 1.0, axis=1) - gaussian_filter1d(white, 4.0, axis=1)
    return (strength * bands / 0.45).astype(np.float32)[:, :, None]


def acquire(
    clean_hu: np.ndarray, scanner: Scanner, spacing_mm: tuple[float, float, float], rng: np.random.Generator
) -> np.ndarray:
    """Image a blurred, noise-free volume (z, y, x): add noise and streaks, clip and round to int16."""
    noise = _kernel_noise(rng, clean_hu.shape, scanner, spacing_mm)
    strength = _noise_map(clean_hu, spacing_mm)
    streaks = _streaks(rng, clean_hu, spacing_mm) * np.float32(scanner.streak_hu)
    image = np.empty(clean_hu.shape, np.int16)
    for k, plane in enumerate(clean_hu):  # slice by slice, to stay in the cache
        noisy = plane + noise[k] * strength[k] * np.float32(scanner.noise_hu) + streaks[k]
        image[k] = np.rint(np.clip(noisy, LOWEST_HU, HIGHEST_HU))
    return image
