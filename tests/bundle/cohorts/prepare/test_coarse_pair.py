"""One body or two, enhanced or not."""

import numpy as np
import pytest
import SimpleITK as sitk

from cohorts.prepare.candidates import Scan
from cohorts.prepare.coarse_pair import compare, enhanced_ml_per_cm, similarity
from cohorts.prepare.scans import load_scan
from cohorts.prepare.settings import Checks
from prepare.sources import patient, save

pytestmark = pytest.mark.slow

IDENTITY = sitk.Transform(3, sitk.sitkIdentity)


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scans")
    checks = Checks(min_slices=8)
    return lambda hu, **place: load_scan(Scan(save(folder / "a.nii", hu, **place)), checks).image


def both_ways(coarse):
    where = coarse.body & coarse.covered
    return tuple(
        enhanced_ml_per_cm(*pair, where) for pair in ((coarse.ncct_hu, coarse.cta_hu), (coarse.cta_hu, coarse.ncct_hu))
    )


def test_two_scans_of_a_body_are_alike(image):
    assert similarity(compare(image(patient(6).ncct_hu), image(patient(6).cta_hu), IDENTITY)) > 0.9


def test_two_bodies_are_not_alike(image):
    assert similarity(compare(image(patient(6).ncct_hu), image(patient(7).cta_hu), IDENTITY)) < 0.75


def test_contrast_counts_in_the_direction_in_which_it_came(image):
    raised, lowered = both_ways(compare(image(patient().ncct_hu), image(patient().cta_hu), IDENTITY))
    assert raised > 5
    assert lowered < 0.1


def test_bone_that_moved_is_not_taken_for_contrast(image):
    moved = image(patient().ncct_hu, shift_mm=(3.0, 3.0, 4.0))
    raised, _ = both_ways(compare(image(patient().ncct_hu), moved, IDENTITY))
    assert raised < 0.1


def test_the_body_is_found_without_the_table(image):
    coarse = compare(image(patient().ncct_hu), image(patient().cta_hu), IDENTITY)
    rows = np.flatnonzero(coarse.body.any((0, 2)))
    structures = patient().structures.any((0, 2)).nonzero()[0] * 5.0 / 2.0  # pixels of 5 mm, coarse grid of 2 mm
    assert abs(rows[0] - structures[0]) < 5
    assert abs(rows[-1] - structures[-1]) < 5


def test_the_cta_covers_only_where_it_has_looked(image):
    narrow = image(patient().cta_hu[:, 20:60])
    covered = compare(image(patient().ncct_hu), narrow, IDENTITY).covered.any((0, 2))
    assert 0.45 < covered.mean() < 0.55
