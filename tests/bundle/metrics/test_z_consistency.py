import numpy as np

from scripts.metrics import z_consistency

SMOOTH_HU = np.zeros((4, 4, 3)) + np.array([0.0, 10, 20])
FLICKER_HU = np.zeros((4, 4, 3)) + np.array([0.0, 30, 0])
EVERYWHERE = np.ones((4, 4, 3), dtype=bool)


def test_it_is_the_step_between_slices_over_that_of_the_real_scan():
    assert z_consistency(FLICKER_HU, SMOOTH_HU, EVERYWHERE) == 3


def test_only_neighbours_that_are_both_in_the_mask_count():
    first_two = EVERYWHERE.copy()
    first_two[..., 2] = False
    worse_outside = FLICKER_HU + np.array([0, 0, 1000.0])
    assert z_consistency(worse_outside, SMOOTH_HU, first_two) == 3


def test_one_slice_has_no_neighbour():
    assert np.isnan(z_consistency(FLICKER_HU[..., :1], SMOOTH_HU[..., :1], EVERYWHERE[..., :1]))
