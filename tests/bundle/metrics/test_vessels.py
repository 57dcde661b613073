import numpy as np
import pytest

from scripts.metrics import false_enhancement, lumen_error_hu

STRUCTURES = np.array([0, 1, 1, 2, 3])


def test_only_the_arterial_lumen_counts_for_its_error():
    synthetic_hu, cta_hu = np.array([9.0, 9, 9, 9, 300]), np.array([0.0, 0, 0, 0, 350])
    assert lumen_error_hu(synthetic_hu, cta_hu, STRUCTURES) == 50


def test_without_lumen_the_error_is_undefined():
    assert np.isnan(lumen_error_hu(np.zeros(2), np.zeros(2), np.array([0, 1])))


def test_false_enhancement_is_the_share_of_plain_tissue_raised_by_more_than_100_hu():
    raised_hu = np.array([500.0, 101, 100, 500, 500])
    assert false_enhancement(raised_hu, np.zeros(5), STRUCTURES) == pytest.approx(1 / 2)
