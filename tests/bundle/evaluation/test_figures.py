import pytest

from scripts.evaluation.figures import worst_median_best

NAN = float("nan")


def test_worst_median_and_best_by_an_error():
    assert worst_median_best([5.0, 1, 3, 2, 9], higher_is_better=False) == {"worst": 4, "median": 2, "best": 1}


def test_worst_median_and_best_by_a_score():
    assert worst_median_best([5.0, 1, 3, 2, 9], higher_is_better=True) == {"worst": 1, "median": 2, "best": 4}


def test_patients_without_a_value_are_not_chosen():
    assert worst_median_best([NAN, 1, NAN, 2, 3], higher_is_better=True) == {"worst": 1, "median": 3, "best": 4}


@pytest.mark.parametrize(("values", "chosen"), [([2.0], {"worst": 0}), ([1.0, 2], {"worst": 0, "best": 1}), ([], {})])
def test_few_patients_are_shown_once(values, chosen):
    assert worst_median_best(values, higher_is_better=True) == chosen
