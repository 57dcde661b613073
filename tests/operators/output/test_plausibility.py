"""What no circulation does is told: planted faults are found, sound results are not accused."""

import numpy as np
import pytest

from operators.output.plausibility import plausibility_warnings
from operators.report.coarse_result import coarse_result
from tests.coarse_trunk import AFFINE_LPS, CHEST, Trunk, coarse_trunk, ellipse

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trunk() -> Trunk:
    return coarse_trunk()


def warnings_of(trunk: Trunk, syn_cta_hu: np.ndarray) -> str:
    return " ".join(plausibility_warnings(coarse_result(trunk.hu, syn_cta_hu, AFFINE_LPS)))


def lit_in(trunk: Trunk, part: slice, section: np.ndarray) -> np.ndarray:
    """A sound result with another place enhanced besides."""
    syn_cta_hu = trunk.enhanced()
    syn_cta_hu[part, section] += 310
    return syn_cta_hu


def test_whole_vessels_are_plausible(trunk):
    assert warnings_of(trunk, trunk.enhanced()) == ""


def test_a_result_that_adds_nothing_is_plausible(trunk):
    assert warnings_of(trunk, trunk.hu) == ""


@pytest.mark.parametrize("vessel", ["descending aorta", "abdominal aorta", "heart"])
def test_a_vessel_dark_from_one_slice_to_the_next_is_a_cut(trunk, vessel):
    slices = np.flatnonzero(trunk.vessels[vessel].any(axis=(1, 2)))
    dark = trunk.vessels[vessel].copy()
    dark[: slices[len(slices) // 2]] = False
    assert "may be cut" in warnings_of(trunk, trunk.enhanced(without=dark))


def test_a_vessel_dark_in_a_few_slices_is_a_cut(trunk):
    dark = np.zeros_like(trunk.all_vessels)
    dark[CHEST.start + 6 : CHEST.start + 9] = trunk.vessels["descending aorta"][CHEST.start + 6 : CHEST.start + 9]
    assert "may be cut" in warnings_of(trunk, trunk.enhanced(without=dark))


def test_all_that_is_lit_dark_above_a_plane_is_a_cut(trunk):
    dark = trunk.all_vessels.copy()
    dark[: CHEST.start + 16] = False
    assert "may be cut" in warnings_of(trunk, trunk.enhanced(without=dark))


def test_half_a_heart_dark_along_a_straight_line_is_a_seam(trunk):
    dark = trunk.vessels["heart"].copy()
    dark[:, :, :60] = False
    assert "may have a seam" in warnings_of(trunk, trunk.enhanced(without=dark))


@pytest.mark.parametrize(
    "section",
    [
        pytest.param(ellipse((34, 180), (6, 30)), id="breast"),
        pytest.param(ellipse((230, 180), (8, 30)), id="back muscle"),
        pytest.param(ellipse((135, 25), (30, 6)), id="flank"),
    ],
)
def test_what_is_lit_away_from_all_vessels_is_told(trunk, section):
    assert "where no great vessel lies" in warnings_of(trunk, lit_in(trunk, slice(10, 20), section))


def test_an_enlarged_aorta_is_no_fault(trunk):
    aneurysm = np.zeros_like(trunk.all_vessels)
    for i in range(5, 25):
        aneurysm[i] = ellipse((140, 186), (12 + 16 * np.sin((i - 5) / 20 * np.pi),) * 2)
    wide = Trunk(np.where(aneurysm, 40, trunk.hu), trunk.vessels | {"aneurysm": aneurysm})
    assert warnings_of(wide, wide.enhanced()) == ""
