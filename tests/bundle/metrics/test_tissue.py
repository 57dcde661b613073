import numpy as np
import pytest

from scripts.metrics import calcium_kept, false_enhancement


def test_false_enhancement_is_the_share_of_plain_tissue_raised_by_more_than_100_hu():
    raised_hu = np.array([500.0, 101, 100, 500, 500])
    assert false_enhancement(raised_hu, np.zeros(5), np.array([0, 1, 1, 2, 3])) == pytest.approx(1 / 2)


@pytest.fixture
def calcified_hu() -> np.ndarray:
    """A plaque of 8 voxels and a single bright voxel of noise."""
    volume = np.full((8, 8, 8), 40.0)
    volume[1:3, 1:3, 1:3] = 400
    volume[6, 6, 6] = 400
    return volume


def test_calcium_kept_is_the_share_that_is_still_130_hu(calcified_hu):
    synthetic_hu = calcified_hu.copy()
    synthetic_hu[1:3, 1, 1] = 129
    synthetic_hu[6, 6, 6] = 0
    assert calcium_kept(synthetic_hu, calcified_hu, np.ones((8, 8, 8), dtype=bool)) == 6 / 8


def test_calcium_outside_the_zone_does_not_count(calcified_hu):
    assert np.isnan(calcium_kept(calcified_hu, calcified_hu, np.zeros((8, 8, 8), dtype=bool)))
