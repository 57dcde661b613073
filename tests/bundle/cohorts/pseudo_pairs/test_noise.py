"""Measured and synthesised scanner noise."""

import numpy as np
import pytest
from scipy import ndimage

from cohorts.pseudo_pairs.noise import Noise, measure_noise, synthesise_noise


def test_synthesised_noise_has_the_stated_level():
    field = synthesise_noise(Noise(12.0, (0.4, 0.8, 0.8)), (10, 64, 64), np.random.default_rng(0))
    assert field.std() == pytest.approx(12, rel=0.01)


def test_measuring_synthesised_noise_gives_level_and_grain_back():
    noise = Noise(12.0, (0.5, 0.8, 0.9))
    field = synthesise_noise(noise, (16, 96, 96), np.random.default_rng(0))
    measured = measure_noise(field, np.ones(field.shape, bool))
    assert measured.sd_hu == pytest.approx(12, rel=0.05)
    assert measured.width_voxels == pytest.approx(noise.width_voxels, rel=0.1)


def test_a_slow_gradient_does_not_count_as_noise():
    field = np.random.default_rng(0).normal(0, 5, (4, 96, 96)) + np.linspace(0, 100, 96)
    assert measure_noise(field, np.ones(field.shape, bool)).sd_hu == pytest.approx(5, rel=0.1)


def test_calcium_does_not_count_as_noise():
    field = np.random.default_rng(0).normal(0, 5, (4, 96, 96))
    field[:, 20:23, 20:23] = 900
    mask = ndimage.binary_dilation(field > 500, iterations=40)
    assert measure_noise(field, mask).sd_hu == pytest.approx(5, rel=0.25)


def test_too_few_voxels_are_refused():
    with pytest.raises(ValueError, match="too few"):
        measure_noise(np.zeros((2, 8, 8)), np.ones((2, 8, 8), bool))
