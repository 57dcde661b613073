import numpy as np

from scripts.structures import is_lumen

LABELS = np.array([0, 5, 52])


def test_a_mask_is_lumen_wherever_it_is_not_empty():
    assert is_lumen(LABELS, None).tolist() == [False, True, True]


def test_of_a_label_map_the_named_values_are_lumen():
    assert is_lumen(LABELS, [52]).tolist() == [False, False, True]
