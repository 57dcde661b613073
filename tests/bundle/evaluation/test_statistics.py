import math

import numpy as np
import pytest

from scripts.evaluation.statistics import Interval, compare, interval, summarise

NAN = float("nan")


def rows(**errors: list[float]) -> list[dict]:
    """A row a model and patient; patients of the neck and the chest in turn."""
    return [
        {"patient": f"p{index}", "region": ("neck", "chest")[index % 2], "model": model, "error": value}
        for model, values in errors.items()
        for index, value in enumerate(values)
    ]


def test_the_interval_holds_the_mean_and_is_as_wide_as_the_standard_error_says():
    values = np.random.default_rng(0).normal(10, 2, 100)
    found = interval(values)
    assert found.mean == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 10, rel=0.1)


def test_the_interval_is_the_same_each_time():
    assert interval([1.0, 2, 5]) == interval([1.0, 2, 5])


@pytest.mark.parametrize("missing", [NAN, float("inf")])
def test_what_is_undefined_for_a_patient_is_left_out(missing):
    assert interval([4.0, missing, 4.0]) == Interval(4, 4, 4, 2)


def test_one_patient_has_no_interval():
    assert interval([3.0]).text(".1f") == "3.0"


def test_no_patient_is_a_dash():
    assert interval([NAN]).text(".1f") == "-"


def test_a_rounded_zero_has_no_sign():
    assert Interval(-0.001, -0.002, 0.001, 3).text(".1f") == "0.0 (0.0 to 0.0)"


def test_models_are_summarised_over_all_and_per_region():
    summary = summarise(rows(a=[1, 2, 3, 4]), ["error"])
    assert [(row["region"], row["patients"], row["error"].mean) for row in summary] == [
        ("all", 4, 2.5), ("chest", 2, 3.0), ("neck", 2, 2.0),
    ]  # fmt: skip


def test_models_are_compared_patient_by_patient():
    (comparison,) = compare(rows(a=[1, 10, 100, 1000], b=[3, 12, 102, 1002]), ["error"])
    assert (comparison.model, comparison.other) == ("b", "a")
    assert comparison.difference == Interval(2, 2, 2, 4)


def test_p_is_that_of_the_signed_rank_test():
    (comparison,) = compare(rows(a=[0] * 6, b=[1, 2, 3, 4, 5, 6]), ["error"])
    assert comparison.p == pytest.approx(2 / 2**6)  # all six signs alike, two-sided


def test_equal_models_do_not_differ():
    (comparison,) = compare(rows(a=[1, 2, 3], b=[1, 2, 3 + 1e-8]), ["error"])
    assert comparison.p == 1


def test_a_patient_undefined_for_one_model_does_not_count_for_the_pair():
    (comparison,) = compare(rows(a=[1, 2, NAN], b=[2, 3, 100]), ["error"])
    assert comparison.difference.patients == 2


def test_one_patient_has_no_p():
    (comparison,) = compare(rows(a=[1], b=[2]), ["error"])
    assert math.isnan(comparison.p)


def test_every_two_models_are_compared():
    pairs = {(found.model, found.other) for found in compare(rows(a=[1, 2], b=[1, 3], c=[2, 2]), ["error"])}
    assert pairs == {("b", "a"), ("c", "a"), ("c", "b")}
