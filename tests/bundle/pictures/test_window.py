import numpy as np

from scripts.hu_window import CTA_WINDOW


def test_the_window_runs_from_black_to_white():
    assert CTA_WINDOW.grey(np.array([-500.0, 0, 600, 3000])).tolist() == [0, 0, 255, 255]


def test_the_centre_is_middle_grey():
    assert CTA_WINDOW.grey(np.array([300.0])).item() == 127
