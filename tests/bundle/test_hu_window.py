import pytest

from scripts.hu_window import HUWindow

WINDOW = HUWindow((-2000, 2095))


def test_the_ends_of_the_window_are_minus_one_and_one():
    assert (WINDOW.to_norm(-2000.0), WINDOW.to_norm(2095.0)) == (-1, 1)


def test_the_way_back_restores_hu():
    assert WINDOW.to_hu(WINDOW.to_norm(350.0)) == pytest.approx(350)


def test_one_unit_is_half_the_window():
    assert WINDOW.hu_per_unit == 2047.5
