"""What a result shows of each great vessel."""

import numpy as np
import pytest

from operators.report.coarse_result import coarse_result
from operators.report.vessels import VesselCoverage, vessel_coverage
from tests.coarse_trunk import AFFINE_LPS, CHEST, STEP_MM, coarse_trunk

pytestmark = pytest.mark.slow

NAMES = {
    "heart": "Heart, ascending aorta, arch",
    "descending aorta": "Descending aorta",
    "abdominal aorta": "Abdominal aorta",
    "right carotid": "Arteries of the neck, right",
    "left carotid": "Arteries of the neck, left",
}


@pytest.fixture(scope="module")
def trunk():
    return coarse_trunk()


def coverage(trunk, syn_cta_hu) -> dict[str, VesselCoverage]:
    return {vessel.name: vessel for vessel in vessel_coverage(coarse_result(trunk.hu, syn_cta_hu, AFFINE_LPS))}


@pytest.mark.parametrize("vessel", NAMES)
def test_a_lit_vessel_is_lit_over_its_course(trunk, vessel):
    found = coverage(trunk, trunk.enhanced())[NAMES[vessel]]
    assert found.lit_mm >= 0.9 * found.looked_mm
    assert found.longest_gap_mm == 0


def test_its_hu_are_those_of_the_result(trunk):
    assert coverage(trunk, trunk.enhanced())["Descending aorta"].mean_hu == pytest.approx(350, abs=10)


@pytest.mark.parametrize("vessel", NAMES)
def test_a_dark_vessel_is_dark_and_no_other(trunk, vessel):
    found = coverage(trunk, trunk.enhanced(without=trunk.vessels[vessel]))
    assert [name for name, each in found.items() if each.mean_hu is None] == [NAMES[vessel]]
    assert "NOT ENHANCED" in found[NAMES[vessel]].text


def test_a_gap_is_measured(trunk):
    dark = np.zeros_like(trunk.all_vessels)
    dark[CHEST.start + 8 : CHEST.start + 12] = True
    found = coverage(trunk, trunk.enhanced(without=dark & trunk.vessels["descending aorta"]))
    assert found["Descending aorta"].longest_gap_mm == 4 * STEP_MM
    assert "longest gap 12 mm" in found["Descending aorta"].text


def test_of_regions_that_the_scan_does_not_show_nothing_is_told(trunk):
    found = vessel_coverage(coarse_result(trunk.hu[CHEST], trunk.enhanced()[CHEST], AFFINE_LPS))
    assert [vessel.name for vessel in found] == [NAMES["heart"], NAMES["descending aorta"]]


def test_a_series_stored_from_head_to_feet_tells_the_same(trunk):
    affine = AFFINE_LPS.copy()
    affine[2, 2] *= -1
    turned = vessel_coverage(coarse_result(trunk.hu[::-1], trunk.enhanced()[::-1], affine))
    assert turned == vessel_coverage(coarse_result(trunk.hu, trunk.enhanced(), AFFINE_LPS))
