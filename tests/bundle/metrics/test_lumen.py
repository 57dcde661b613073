import numpy as np
import pytest

from scripts.metrics import contrast_to_noise, enhancement_recovery, lumen_bias_hu, lumen_error_hu

STRUCTURES = np.array([0, 1, 1, 2, 3, 3])
NCCT_HU = np.array([0.0, 0, 0, 0, 40, 60])
CTA_HU = np.array([0.0, 0, 0, 0, 340, 360])
SYNTHETIC_HU = np.array([9.0, 9, 9, 9, 300, 380])


def test_only_the_arterial_lumen_counts_for_its_error():
    assert lumen_error_hu(SYNTHETIC_HU, CTA_HU, STRUCTURES) == (40 + 20) / 2


def test_the_bias_has_a_sign():
    assert lumen_bias_hu(SYNTHETIC_HU, CTA_HU, STRUCTURES) == (-40 + 20) / 2


def test_the_recovery_is_the_share_of_the_enhancement():
    assert enhancement_recovery(SYNTHETIC_HU, CTA_HU, NCCT_HU, STRUCTURES) == pytest.approx(290 / 300)


def test_nothing_is_recovered_by_doing_nothing():
    assert enhancement_recovery(NCCT_HU, CTA_HU, NCCT_HU, STRUCTURES) == 0


def test_without_lumen_all_of_it_is_undefined():
    nowhere = np.zeros(6, dtype=int)
    assert np.isnan(lumen_error_hu(SYNTHETIC_HU, CTA_HU, nowhere))
    assert np.isnan(lumen_bias_hu(SYNTHETIC_HU, CTA_HU, nowhere))
    assert np.isnan(enhancement_recovery(SYNTHETIC_HU, CTA_HU, NCCT_HU, nowhere))


def test_contrast_to_noise_is_the_step_over_the_spread_of_muscle():
    volume_hu = np.array([350.0, 350, 40, 60])
    lumen, muscle = np.array([1, 1, 0, 0], dtype=bool), np.array([0, 0, 1, 1], dtype=bool)
    assert contrast_to_noise(volume_hu, lumen, muscle) == 300 / 10


def test_contrast_to_noise_without_muscle_is_undefined():
    assert np.isnan(contrast_to_noise(np.ones(2), np.ones(2, dtype=bool), np.zeros(2, dtype=bool)))
