import pytest

from scripts.evaluation.cohort import check_cohort, name_by_cohort


def test_a_whole_cohort_passes(records):
    check_cohort(records)


def test_a_volume_that_is_missing_is_named(records):
    missing = {**records[0], "cta": records[0]["cta"] + ".gone"}
    with pytest.raises(ValueError, match="cannot be read"):
        check_cohort([missing])


def test_a_patient_listed_twice_is_refused(records):
    with pytest.raises(ValueError, match="listed 2 times"):
        check_cohort([records[0], records[0]])


def test_patients_of_one_cohort_keep_their_names(records):
    assert name_by_cohort(records) == records


def test_patients_of_several_cohorts_are_named_by_theirs(records):
    two = [{**records[0], "cohort": cohort} for cohort in ("north", "south")]
    assert [record["patient"] for record in name_by_cohort(two)] == ["north/patient-0", "south/patient-0"]


def test_different_patients_of_one_name_are_not_called_one_patient(records):
    namesake = {**records[1], "patient": records[0]["patient"]}
    with pytest.raises(ValueError, match=r"different patients: 1, such as patient-0 \(.*patient-1/.*folders"):
        check_cohort([records[0], namesake])
