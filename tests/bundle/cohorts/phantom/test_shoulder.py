"""Bulky muscles around the shoulder blades of a phantom."""

from functools import cache

import numpy as np
import pytest

from cohorts.phantom import PhantomPatient, generate_patient
from tests.bundle.cohorts.phantom.small_patients import FINE

pytestmark = pytest.mark.slow


@cache
def patient(region: str, bulky_share: float) -> PhantomPatient:
    return generate_patient(103, region, "healthy", misalignment_mm=0, bulky_share=bulky_share, **FINE)


def beside_the_chest(made: PhantomPatient) -> np.ndarray:
    """Soft tissue in the outer fifths of the body's width."""
    columns = np.flatnonzero((made.structures > 0).any(axis=(0, 1)))
    fifth = (columns[-1] - columns[0]) // 5
    soft = (made.ncct_hu > 0) & (made.ncct_hu < 110)
    soft[:, :, columns[0] + fifth : columns[-1] - fifth] = False
    return soft


def test_there_is_more_muscle_beside_the_chest():
    bulky, slim = (beside_the_chest(patient("chest", share)).sum() for share in (1.0, 0.0))
    assert bulky > 1.3 * slim


def test_the_muscles_take_up_no_contrast():
    bulky = patient("chest", 1.0)
    rise_hu = (bulky.cta_aligned_hu - bulky.ncct_hu)[beside_the_chest(bulky)]
    assert abs(float(rise_hu.mean())) < 5


def test_vessels_stay_as_they_are():
    lumens = [patient("chest", share).structures == 3 for share in (1.0, 0.0)]
    np.testing.assert_array_equal(*lumens)


def test_an_abdomen_is_left_as_it_is():
    np.testing.assert_array_equal(*(patient("abdomen", share).ncct_hu for share in (1.0, 0.0)))


def test_a_share_above_one_is_refused():
    with pytest.raises(ValueError, match=r"share of bulky patients must lie between 0 and 1, found 1\.5"):
        generate_patient(1, bulky_share=1.5, **FINE)
