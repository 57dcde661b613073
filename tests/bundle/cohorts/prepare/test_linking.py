"""Case names and the linking list."""

import pytest

from cohorts.prepare.candidates import Candidate
from cohorts.prepare.linking import LINKING_FILE, cases, earlier_splits, write_linking
from cohorts.prepare.lists import read_patients


def of(*names):
    return [Candidate(name) for name in names]


def test_cases_are_numbered_and_name_nobody(tmp_path):
    assert cases(of("Doe^Jane", "Roe^Richard"), tmp_path, keep_ids=False) == {
        "Doe^Jane": "case-0001",
        "Roe^Richard": "case-0002",
    }


def test_a_patient_keeps_his_case_when_others_join(tmp_path):
    case_of = cases(of("m", "z"), tmp_path, keep_ids=False)
    write_linking(of("m", "z"), case_of, {}, tmp_path)
    assert cases(of("a", "m", "z"), tmp_path, keep_ids=False) == {"a": "case-0003", **case_of}


def test_the_list_is_for_its_owner_alone(tmp_path):
    write_linking(of("m"), {"m": "case-0001"}, {}, tmp_path)
    assert (tmp_path / LINKING_FILE).stat().st_mode & 0o077 == 0


def test_the_list_keeps_splits_as_a_patients_list(tmp_path):
    write_linking(of("m"), {"m": "case-0001"}, {"case-0001": "test"}, tmp_path)
    assert read_patients(tmp_path / LINKING_FILE) == {"m": {"split": "test"}}


def test_who_is_rejected_for_once_keeps_his_split(tmp_path):
    write_linking(of("m"), {"m": "case-0001"}, {"case-0001": "test"}, tmp_path)
    write_linking(of("m"), {"m": "case-0001"}, {}, tmp_path)
    assert earlier_splits(tmp_path) == {"m": "test"}


def test_who_is_absent_for_once_keeps_his_split(tmp_path):
    write_linking(of("m"), {"m": "case-0001"}, {"case-0001": "test"}, tmp_path)
    write_linking(of("z"), {"z": "case-0002"}, {"case-0002": "training"}, tmp_path)
    assert earlier_splits(tmp_path) == {"m": "test", "z": "training"}


def test_the_case_of_an_absent_patient_is_given_to_nobody_else(tmp_path):
    write_linking(of("m"), {"m": "case-0001"}, {}, tmp_path)
    write_linking(of("z"), {"z": "case-0002"}, {}, tmp_path)
    assert cases(of("a"), tmp_path, keep_ids=False) == {"a": "case-0003"}


def test_a_split_is_kept_when_cases_get_other_names(tmp_path):
    write_linking(of("m"), {"m": "case-0001"}, {"case-0001": "test"}, tmp_path)
    write_linking(of("m"), {"m": "m"}, {}, tmp_path)
    assert earlier_splits(tmp_path) == {"m": "test"}


def test_ids_are_kept_on_demand_and_made_fit_for_folders(tmp_path):
    assert cases(of("site/a b"), tmp_path, keep_ids=True) == {"site/a b": "site-a-b"}


def test_ids_that_become_the_same_folder_are_refused(tmp_path):
    with pytest.raises(ValueError, match="keep_ids"):
        cases(of("a b", "a/b"), tmp_path, keep_ids=True)


def test_ids_that_were_kept_once_are_not_shown_by_a_run_that_keeps_none(tmp_path):
    write_linking(of("MUELLER"), cases(of("MUELLER"), tmp_path, keep_ids=True), {}, tmp_path)
    assert cases(of("MUELLER"), tmp_path, keep_ids=False) == {"MUELLER": "case-0001"}
