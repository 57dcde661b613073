import numpy as np
import pytest

from cohorts.ct.reading import Volume
from cohorts.painted_pairs.painting import painted_cta_hu

SHAPE = (8, 60, 60)
APART_MM = np.hypot(*(np.indices(SHAPE)[1:] * 0.67 - 20))


@pytest.fixture(scope="module")
def ncct() -> Volume:
    """Tissue of 40 HU with noise of 10 HU, and a plaque."""
    hu = 40 + 10 * np.random.default_rng(0).standard_normal(SHAPE)
    hu[:, 25:35, 22:26] = 700
    return Volume(hu.astype(np.float32), (1.25, 0.67, 0.67), (0.0, 0.0, 0.0))


@pytest.fixture(scope="module")
def rise_hu(ncct) -> np.ndarray:
    return painted_cta_hu(ncct, APART_MM < 9, blood_hu=40, lumen_hu=350) - ncct.hu


def test_far_from_arteries_the_scan_is_untouched(rise_hu):
    assert np.abs(rise_hu[APART_MM > 13]).max() < 0.1


def test_the_lumen_is_raised_evenly_so_that_noise_stays(rise_hu):
    lumen = (APART_MM < 5) & (np.indices(SHAPE)[2] > 30)
    assert rise_hu[lumen] == pytest.approx(310, abs=2)


def test_calcium_takes_no_contrast(rise_hu):
    assert np.abs(rise_hu[:, 27:33, 23:25]).max() < 20


def test_the_wall_is_as_soft_as_a_scanner_shows_it(rise_hu):
    profile = rise_hu[4, 30, 30:50]
    assert np.all(np.diff(profile) < 1)
    assert ((profile > 30) & (profile < 280)).sum() >= 2
