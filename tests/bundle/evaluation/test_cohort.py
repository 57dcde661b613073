import pytest

from scripts.evaluation.cohort import check_cohort


def test_a_whole_cohort_passes(records):
    check_cohort(records)


def test_a_volume_that_is_missing_is_named(records):
    missing = {**records[0], "cta": records[0]["cta"] + ".gone"}
    with pytest.raises(ValueError, match="cannot be read"):
        check_cohort([missing])


def test_a_patient_listed_twice_is_refused(records):
    with pytest.raises(ValueError, match="listed 2 times"):
        check_cohort([records[0], records[0]])
