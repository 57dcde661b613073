"""Image formation."""

import numpy as np
import pytest

from cohorts.phantom.imaging.scanner import Scanner, acquire, blur, draw_scanner

SOFT = Scanner(psf_mm=1.0, slice_mm=1.2, noise_hu=12.0, cutoff_per_mm=0.35, streak_hu=0.0)
SHARP = Scanner(psf_mm=1.0, slice_mm=1.2, noise_hu=12.0, cutoff_per_mm=0.6, streak_hu=0.0)
SPACING_MM = (0.7, 0.7, 1.25)


def water() -> np.ndarray:
    y, x = np.mgrid[-128:128, -128:128] * 0.7
    return np.broadcast_to(np.where(np.hypot(y / 80, x / 80) < 1, 0.0, -1000.0), (4, 256, 256)).astype(np.float32)


def neighbour_correlation(scanner: Scanner) -> float:
    noise = acquire(water(), scanner, SPACING_MM, np.random.default_rng(0))[:, 100:156, 100:156].astype(float)
    return float(np.corrcoef(noise[:, :, 1:].ravel(), noise[:, :, :-1].ravel())[0, 1])


def test_noise_in_the_middle_is_near_the_level_asked_for():
    noise = acquire(water(), SOFT, SPACING_MM, np.random.default_rng(0))[:, 118:138, 118:138]
    assert 6 < noise.std() < 18


def test_noise_is_lower_at_the_edge_than_in_the_middle():
    noise = acquire(water(), SOFT, SPACING_MM, np.random.default_rng(0)).astype(float)
    assert noise[:, 118:138, 118:138].std() > 1.15 * noise[:, 118:138, 20:34].std()


def test_softer_kernel_gives_coarser_noise():
    assert neighbour_correlation(SOFT) > neighbour_correlation(SHARP) + 0.05


def test_blur_keeps_the_mean_and_softens_an_edge():
    step = np.zeros((3, 16, 16), np.float32)
    step[:, :, 8:] = 100
    soft = blur(step, SOFT, SPACING_MM)
    assert soft.mean() == pytest.approx(50, abs=0.5)
    assert 1 < soft[1, 8, 7] < 49


def test_drawn_noise_level_is_8_to_22_hu():
    levels = [draw_scanner(np.random.default_rng(s)).noise_hu for s in range(50)]
    assert 8 <= min(levels) <= max(levels) <= 22
