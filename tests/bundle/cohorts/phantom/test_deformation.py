"""Displacement between the two scans."""

import numpy as np
import pytest

from cohorts.phantom.imaging.deformation import deform, random_displacement_mm

SHAPE, SPACING_MM = (10, 60, 60), (5.0, 5.0, 6.0)


def field(magnitude_mm: float, seed: int = 1, body=None) -> np.ndarray:
    return random_displacement_mm(np.random.default_rng(seed), SHAPE, SPACING_MM, magnitude_mm, body)


def test_root_mean_square_length_is_the_magnitude_asked_for():
    assert np.sqrt((field(4.0) ** 2).sum(axis=0).mean()) == pytest.approx(4.0, rel=1e-3)


def test_magnitude_holds_inside_the_body():
    body = np.zeros(SHAPE, bool)
    body[:, 20:40, 20:40] = True
    assert np.sqrt((field(4.0, body=body) ** 2).sum(axis=0)[body].mean()) == pytest.approx(4.0, rel=1e-3)


def test_zero_magnitude_is_no_displacement():
    assert not field(0.0).any()


def test_field_is_smooth():
    steps = np.abs(np.diff(field(4.0), axis=3)) / SPACING_MM[1]
    assert steps.max() < 0.6  # mm of displacement for each mm: no folding


def test_field_has_all_three_directions():
    assert (np.sqrt((field(4.0) ** 2).mean(axis=(1, 2, 3))) > 0.5).all()


def test_volume_is_fetched_from_place_plus_displacement():
    volume = np.zeros((6, 20, 20), np.float32)
    volume[3, 10, 12] = 1
    shift = np.zeros((3, 6, 20, 20), np.float32)
    shift[0], shift[1], shift[2] = 2.5, -2.0, 3.0  # one slice up, one row to the front, one column to the left
    moved = deform(volume, shift, (2.0, 3.0, 2.5))
    assert np.unravel_index(moved.argmax(), moved.shape) == (2, 11, 11)
    assert moved.max() == pytest.approx(1, abs=1e-3)


def test_unfitting_shapes_are_refused():
    with pytest.raises(ValueError, match="does not fit"):
        deform(np.zeros((2, 3, 4), np.float32), np.zeros((3, 2, 3, 5), np.float32), (1.0, 1.0, 1.0))
