import numpy as np
import pytest

from scripts.metrics import cl_dice, dice, largest_diameter_mm, segment_vessels

SHAPE = (40, 40, 20)
SPACING_MM = (0.5, 0.5, 1.0)
X, Y, Z = np.mgrid[:40, :40, :20]
EVERYWHERE = np.ones(SHAPE, dtype=bool)


def tube(radius_px: float, x: int = 20) -> np.ndarray:
    """A vessel along z."""
    return (X - x) ** 2 + (Y - 20) ** 2 <= radius_px**2


@pytest.fixture
def ncct_hu() -> np.ndarray:
    """Blood and muscle at 40 HU, and bone."""
    volume = np.full(SHAPE, 40.0)
    volume[:4] = 800
    return volume


def test_the_unchanged_ncct_has_no_vessels(ncct_hu):
    assert not segment_vessels(ncct_hu, ncct_hu, EVERYWHERE, SPACING_MM).any()


def test_what_contrast_makes_bright_is_segmented_and_bone_is_not(ncct_hu):
    cta_hu = np.where(tube(4), 350, ncct_hu)
    np.testing.assert_array_equal(segment_vessels(cta_hu, ncct_hu, EVERYWHERE, SPACING_MM), tube(4))


def test_vessels_are_looked_for_inside_the_zone(ncct_hu):
    cta_hu = np.where(tube(4), 350, ncct_hu)
    assert not segment_vessels(cta_hu, ncct_hu, ~tube(6), SPACING_MM).any()


def test_specks_are_dropped_and_holes_filled(ncct_hu):
    cta_hu = np.where(tube(4), 350, ncct_hu)
    cta_hu[20, 20, 10] = 40
    cta_hu[35, 35, 10] = 350
    np.testing.assert_array_equal(segment_vessels(cta_hu, ncct_hu, EVERYWHERE, SPACING_MM), tube(4))


def test_the_threshold_is_the_least_hu_of_a_vessel(ncct_hu):
    cta_hu = np.where(tube(4), 180, ncct_hu)
    assert segment_vessels(cta_hu, ncct_hu, EVERYWHERE, SPACING_MM, threshold_hu=180).any()
    assert not segment_vessels(cta_hu, ncct_hu, EVERYWHERE, SPACING_MM, threshold_hu=181).any()


def test_dice_is_twice_the_overlap_over_both():
    assert dice(np.array([1, 1, 1, 0], dtype=bool), np.array([0, 0, 1, 0], dtype=bool)) == 2 * 1 / (3 + 1)


@pytest.mark.parametrize("score", [dice, cl_dice])
def test_nothing_segmented_scores_zero_and_nothing_to_segment_is_undefined(score):
    nothing = np.zeros(SHAPE, dtype=bool)
    assert score(nothing, tube(4)) == 0
    assert np.isnan(score(tube(4), nothing))


def test_cl_dice_forgives_a_wrong_calibre_where_dice_does_not():
    assert cl_dice(tube(3), tube(5)) == 1
    assert dice(tube(3), tube(5)) < 0.6


def test_cl_dice_of_half_a_vessel_is_the_harmonic_mean_of_precision_and_sensitivity():
    line = (X == 20) & (Y == 20)
    half = line & (Z < 10)
    assert cl_dice(half, line) == pytest.approx(2 * 1 * 0.5 / (1 + 0.5))


def test_cl_dice_counts_a_false_vessel():
    assert cl_dice(tube(0) | tube(0, x=5), tube(0)) == pytest.approx(2 * 0.5 * 1 / (0.5 + 1))


@pytest.mark.parametrize("radius_px", [3, 8])
def test_the_diameter_of_a_tube_is_in_mm(radius_px):
    assert largest_diameter_mm(tube(radius_px), SPACING_MM) == pytest.approx(2 * radius_px * 0.5, abs=0.6)


def test_the_widest_vessel_counts():
    assert largest_diameter_mm(tube(3, x=8) | tube(7, x=25), SPACING_MM) == largest_diameter_mm(tube(7), SPACING_MM)


def test_no_vessel_has_no_diameter():
    assert largest_diameter_mm(np.zeros(SHAPE, dtype=bool), SPACING_MM) == 0


@pytest.mark.parametrize("width_px", [1, 2, 4, 6])
def test_a_vessel_of_any_width_agrees_with_itself(width_px):
    box = np.zeros(SHAPE, bool)
    box[20 : 20 + width_px, 20 : 20 + width_px] = True
    assert cl_dice(box, box) == 1


def test_a_vessel_of_even_width_counts_beside_another():
    square = (X >= 4) & (X < 8) & (Y >= 4) & (Y < 8)
    assert cl_dice(tube(4), tube(4) | square) < 0.9
