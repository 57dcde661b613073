from dataclasses import replace

import numpy as np
import pytest

from scripts.evaluation.known_anatomy import known_anatomy_hu
from scripts.evaluation.truth import VesselZone, load_truth
from scripts.structures import Structure


@pytest.fixture(scope="module")
def truth(records):
    return load_truth(records[0], VesselZone())


def test_the_lumen_has_the_level_of_the_true_cta(truth):
    raised = known_anatomy_hu(truth)[truth.lumen]
    assert np.median(raised) == pytest.approx(np.median(truth.cta_hu[truth.lumen]), abs=1)


def test_the_noise_is_that_of_the_ncct(truth):
    rise_hu = (known_anatomy_hu(truth) - truth.ncct_hu)[truth.lumen]
    assert rise_hu.min() == pytest.approx(rise_hu.max(), abs=1e-3)


def test_what_does_not_enhance_is_left_alone(truth):
    rest = truth.structures <= Structure.BODY
    np.testing.assert_array_equal(known_anatomy_hu(truth)[rest], truth.ncct_hu[rest])


def test_other_enhancing_tissue_is_raised_by_its_own_level(truth):
    organ = np.zeros(truth.structures.shape, dtype=bool)
    organ[50:60, 50:60] = True
    enhanced = replace(
        truth,
        structures=np.where(organ, Structure.OTHER_ENHANCING, truth.structures),
        cta_hu=np.where(organ, truth.ncct_hu + 70, truth.cta_hu),
    )
    np.testing.assert_allclose((known_anatomy_hu(enhanced) - truth.ncct_hu)[organ], 70, atol=1e-3)


def test_other_enhancing_tissue_that_is_only_guessed_is_left_alone(truth):
    guessed = replace(
        truth,
        structures=np.where(truth.lumen, Structure.OTHER_ENHANCING, truth.structures),
        structures_known=False,
    )
    np.testing.assert_array_equal(known_anatomy_hu(guessed), truth.ncct_hu)
