"""Circles joined to tubes, on a grid of 1 mm slices and 0.5 mm pixels."""

import numpy as np
import pytest

from cohorts.ct.reading import Volume
from cohorts.marks.circles import Circle
from cohorts.marks.tubes import by_level, draw_tube

VOLUME = Volume(np.zeros((50, 80, 80), np.float32), (1.0, 0.5, 0.5), (0.0, 0.0, 0.0))


def tube(*circles: tuple[float, float, float, float]) -> np.ndarray:
    """Circles (x, y, z, radius) of one aorta, in mm."""
    return draw_tube([Circle("descending_aorta", *values) for values in circles], VOLUME, half_slice_mm=1.0)


def test_one_circle_reaches_half_a_slice_up_and_down():
    mask = tube((20, 20, 25, 5))
    assert np.flatnonzero(mask.any(axis=(1, 2))).tolist() == [24, 25, 26]


def test_a_circle_has_its_area_and_place():
    level = tube((20, 15, 25, 5))[25]
    assert level.sum() * 0.25 == pytest.approx(np.pi * 25, rel=0.05)
    assert np.argwhere(level).mean(axis=0).tolist() == pytest.approx([30, 40])


def test_between_two_levels_the_vessel_goes_on():
    mask = tube((20, 20, 10, 4), (20, 20, 22, 4))
    assert mask[10:23, 40, 40].all()


def test_calibre_changes_gradually():
    areas = tube((20, 20, 10, 3), (20, 20, 30, 8)).sum(axis=(1, 2))
    assert areas[10] < areas[15] < areas[20] < areas[25] < areas[30]


def test_a_shifted_vessel_is_joined_obliquely():
    mask = tube((15, 20, 10, 4), (23, 20, 20, 4))
    assert mask[15, 40, 38], "half way between both centres"
    assert not mask[15, 40, 22]


def test_levels_far_apart_are_not_joined():
    mask = tube((20, 20, 5, 4), (20, 20, 40, 4))
    assert not mask[20].any()


def test_two_limbs_of_a_vessel_stay_apart():
    mask = tube((10, 20, 10, 3), (30, 20, 10, 3), (10, 20, 20, 3), (30, 20, 20, 3))
    assert mask[15, 40, 20]
    assert mask[15, 40, 60]
    assert not mask[15, 40, 40]


def test_circles_of_one_level_that_nearly_touch_are_joined():
    assert tube((15, 20, 25, 3), (22, 20, 25, 3))[25, 40, 37]


def test_circles_of_one_level_that_are_far_apart_are_not_joined():
    assert not tube((8, 20, 25, 3), (32, 20, 25, 3))[25, 40, 40]


def test_what_reaches_beyond_the_scan_is_cut_off():
    mask = tube((1, 1, 0, 6))
    assert mask[0, 0, 0]
    assert mask.shape == VOLUME.hu.shape


def test_levels_go_from_the_feet_to_the_head():
    levels = by_level([Circle("heart", 0, 0, z, 1) for z in (10.0, 0.0, 10.3, 5.0)])
    assert [[c.z_mm for c in level] for level in levels] == [[0.0], [5.0], [10.0, 10.3]]
