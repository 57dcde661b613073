"""Splits by list, number and share."""

from collections import Counter

import pytest

from scripts.prepare.split import split_patients

PATIENTS = [f"p{number}" for number in range(1749)]


def test_the_papers_numbers_come_out_exactly():
    splits, notes = split_patients(PATIENTS, {"training": 1137, "validation": 400, "test": 212}, 0, {})
    assert Counter(splits.values()) == {"training": 1137, "validation": 400, "test": 212}
    assert notes == []


def test_shares_lose_nobody():
    splits, _ = split_patients(PATIENTS[:10], {"training": 0.7, "validation": 0.15, "test": 0.15}, 0, {})
    assert Counter(splits.values()) == {"training": 7, "validation": 2, "test": 1}


def test_a_list_goes_first_and_may_name_an_external_set():
    listed = dict.fromkeys(PATIENTS[:42], "external")
    splits, _ = split_patients(PATIENTS, {"training": 0.5, "test": 0.5}, 0, listed)
    assert [patient for patient in PATIENTS if splits[patient] == "external"] == PATIENTS[:42]


def test_the_seed_decides_and_the_order_does_not():
    amounts = {"training": 0.5, "test": 0.5}
    first, _ = split_patients(PATIENTS, amounts, 1, {})
    assert split_patients(PATIENTS[::-1], amounts, 1, {})[0] == first
    assert split_patients(PATIENTS, amounts, 2, {})[0] != first


def test_too_few_patients_are_remarked():
    splits, notes = split_patients(PATIENTS[:5], {"training": 4, "test": 4}, 0, {})
    assert Counter(splits.values()) == {"training": 4, "test": 1}
    assert notes == ["test has 1 patients instead of 4: there are no more"]


def test_patients_beyond_the_numbers_go_to_the_first_split_with_a_remark():
    splits, notes = split_patients(PATIENTS[:5], {"training": 2, "test": 1}, 0, {})
    assert Counter(splits.values()) == {"training": 4, "test": 1}
    assert "2 patients beyond" in notes[0]


@pytest.mark.parametrize("amounts", [{}, {"training": -1}, {"training": 0.9, "test": 0.3}, {"training": 0}])
def test_amounts_that_make_no_sense_are_refused(amounts):
    with pytest.raises(ValueError, match="split"):
        split_patients(PATIENTS, amounts, 0, {})
