"""Coordinates of voxels in a vessel."""

import numpy as np
import pytest

from cohorts.phantom.atlas.shapes import Grid, tube_with_position
from cohorts.phantom.atlas.smooth_noise import SmoothField
from cohorts.phantom.atlas.vessel_coordinates import vessel_coordinates


@pytest.fixture
def upright():
    """A vessel of 5 mm radius that runs upwards in the middle of a straight grid, and its line."""
    still = SmoothField(np.random.default_rng(0), (-20, -20, -20), (20, 20, 20), 10.0)
    grid = Grid(np.arange(-10, 11), np.arange(-10, 11), np.arange(-10, 11), still, still, warp_mm=0.0)
    line = np.array([(0, 0, z, 5.0) for z in range(-12, 13, 4)], float)
    vessel, position = tube_with_position(grid, line)
    return vessel, vessel_coordinates(grid, vessel, position, line, np.zeros(len(line))), grid


def test_arc_grows_along_the_vessel(upright):
    vessel, at, grid = upright
    z_mm = grid.z_mm[vessel.box[0]]
    middle = at.arc_mm.shape[1] // 2
    np.testing.assert_allclose(at.arc_mm[:, middle, middle], z_mm + 12, atol=1e-3)


def test_u_points_where_its_angle_says(upright):
    vessel, at, grid = upright
    x, _, _ = grid.at(vessel.box)
    inside = vessel.distance_mm < 0
    np.testing.assert_allclose(at.u_mm[inside], np.broadcast_to(x, inside.shape)[inside], atol=1e-3)


def test_distance_across_is_the_distance_from_the_middle(upright):
    vessel, at, _ = upright
    inside = vessel.distance_mm < 0
    np.testing.assert_allclose(np.hypot(at.u_mm, at.v_mm)[inside] - 5, vessel.distance_mm[inside], atol=1e-3)
