"""What is said of patients that are no longer in the split of an earlier run."""

import pytest

from cohorts.prepare.split_changes import split_change_warnings


def test_nothing_is_said_of_patients_that_stay_or_join():
    assert split_change_warnings({"a": "test"}, {"a": "test", "b": "training"}, []) == []


def test_who_left_a_split_is_counted():
    earlier = {"a": "test", "b": "test", "c": "validation", "d": "training"}
    (warning,) = split_change_warnings(earlier, dict.fromkeys(earlier, "training"), [])
    assert "3 patients have another split" in warning
    assert "2 left test, 1 left validation." in warning


def test_a_test_set_of_patients_seen_in_training_is_not_for_weights_of_before():
    (warning,) = split_change_warnings({"a": "training", "b": "validation"}, {"a": "test", "b": "test"}, [])
    assert "Do not score earlier weights on this test set: 2 of its patients" in warning
    assert "new weights" not in warning


def test_a_test_set_that_is_trained_on_now_is_not_for_weights_to_come():
    (warning,) = split_change_warnings({"a": "test"}, {"a": "training"}, [])
    assert "Do not score new weights on the earlier test set: 1 of its patients" in warning
    assert "earlier weights" not in warning


def test_a_split_of_any_other_name_is_held_out():
    (warning,) = split_change_warnings({"a": "training"}, {"a": "external"}, [])
    assert "Do not score earlier weights" in warning


@pytest.mark.parametrize(("old", "new"), [("test", "external"), ("validation", "training")])
def test_a_move_that_spoils_no_test_set_forbids_no_scoring(old, new):
    (warning,) = split_change_warnings({"a": old}, {"a": new}, [])
    assert "Do not score" not in warning


def test_a_move_that_a_list_asks_for_is_told_from_one_that_was_drawn():
    by_list, drawn = split_change_warnings({"a": "test", "b": "test"}, {"a": "training", "b": "training"}, ["a"])
    assert "because a list or the layout" in by_list
    assert "was drawn again (resplit)" in drawn


def test_no_patient_is_named():
    (warning,) = split_change_warnings({"Doe^Jane": "test"}, {"Doe^Jane": "training"}, [])
    assert "Doe" not in warning
