"""The rise at circles that were marked by hand."""

import numpy as np
import pytest

from cohorts.marks import Circle
from studies.model_card.marked_points import score_circles

STRAIGHT = np.eye(4)


def circle(x_mm: float = 10.0, y_mm: float = 10.0, z_mm: float = 5.0) -> Circle:
    return Circle("descending_aorta", x_mm, y_mm, z_mm, 4.0)


@pytest.fixture
def rise_hu() -> np.ndarray:
    """300 HU in a tube along z about (10, 10) mm."""
    x, y, _ = np.indices((20, 20, 10))
    return np.where(np.hypot(x - 10, y - 10) < 5, 300.0, 0.0)


def test_a_circle_has_the_mean_rise_inside_it(rise_hu):
    [scored] = score_circles(rise_hu, STRAIGHT, [circle()])
    assert scored.rise_hu == 300


def test_a_mark_beside_the_slices_is_of_another_scan(rise_hu):
    with pytest.raises(ValueError, match="lies beside the slices of this scan"):
        score_circles(rise_hu, STRAIGHT, [circle(x_mm=90.0)])


def test_marks_of_which_none_lies_in_the_scan_are_of_another_one(rise_hu):
    with pytest.raises(ValueError, match="None of the 2 marks lies in this scan"):
        score_circles(rise_hu, STRAIGHT, [circle(z_mm=90.0), circle(z_mm=95.0)])
