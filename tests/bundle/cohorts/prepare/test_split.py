"""Splits by list, number and share."""

from collections import Counter

import pytest

from cohorts.prepare.split import split_patients

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
    assert "2 patients more than" in notes[0]


def grown(amounts, before=500, after=550, listed=None):
    """Splits of the first patients, then splits and remarks once others have joined."""
    first, _ = split_patients(PATIENTS[:before], amounts, 0, {})
    return first, *split_patients(PATIENTS[:after], amounts, 0, listed or {}, first)


@pytest.mark.parametrize("amounts", [{"training": 300, "validation": 100, "test": 100}, {"training": 0.7, "test": 0.3}])
def test_patients_of_an_earlier_run_stay_when_others_join(amounts):
    first, second, _ = grown(amounts)
    assert {patient: second[patient] for patient in first} == first


def test_shares_hold_for_old_and_new_patients_together():
    _, second, _ = grown({"training": 0.6, "validation": 0.2, "test": 0.2})
    assert Counter(second.values()) == {"training": 330, "validation": 110, "test": 110}


def test_new_patients_go_where_other_shares_lack_most():
    first, _ = split_patients(PATIENTS[:100], {"training": 0.6, "validation": 0.2, "test": 0.2}, 0, {})
    shares = {"training": 0.5, "validation": 0.2, "test": 0.3}
    splits, _ = split_patients(PATIENTS[:110], shares, 0, {}, first)  # 55, 22 and 33 were nearest to them
    assert Counter(splits.values()) == {"training": 60, "validation": 20, "test": 30}


def test_shares_that_kept_patients_prevent_are_remarked():
    first = dict.fromkeys(PATIENTS[:90], "training")
    _, notes = split_patients(PATIENTS[:100], {"training": 0.7, "test": 0.3}, 0, {}, first)
    assert "training has 90 patients instead of 70: patients of an earlier run keep their split" in notes


def test_new_patients_fill_up_the_numbers_and_the_rest_goes_to_the_first_split():
    first, _ = split_patients(PATIENTS[:30], {"training": 10, "validation": 10, "test": 10}, 0, {})
    splits, notes = split_patients(PATIENTS[:50], {"training": 10, "validation": 15, "test": 20}, 0, {}, first)
    assert Counter(splits.values()) == {"training": 15, "validation": 15, "test": 20}
    assert "5 patients more than the numbers of the split went to training" in notes


def test_a_list_goes_before_an_earlier_run():
    _, second, _ = grown({"training": 0.5, "test": 0.5}, listed=dict.fromkeys(PATIENTS[:42], "external"))
    assert {second[patient] for patient in PATIENTS[:42]} == {"external"}


def test_patients_kept_in_a_split_without_a_share_do_not_count_for_the_shares():
    kept = dict.fromkeys(PATIENTS[:50], "external")
    splits, _ = split_patients(PATIENTS[:150], {"training": 0.8, "test": 0.2}, 0, {}, kept)
    assert Counter(splits.values()) == {"external": 50, "training": 80, "test": 20}


def test_how_many_are_kept_and_new_is_remarked():
    _, _, notes = grown({"training": 0.5, "test": 0.5})
    assert "500 patients keep the split of an earlier run and 50 are new" in notes[0]


def test_the_order_does_not_decide_where_new_patients_go():
    amounts = {"training": 0.5, "test": 0.5}
    first, second, _ = grown(amounts)
    assert split_patients(PATIENTS[:550][::-1], amounts, 0, {}, first)[0] == second


@pytest.mark.parametrize("amounts", [{}, {"training": -1}, {"training": 0.9, "test": 0.3}, {"training": 0}])
def test_amounts_that_make_no_sense_are_refused(amounts):
    with pytest.raises(ValueError, match="split"):
        split_patients(PATIENTS, amounts, 0, {})
