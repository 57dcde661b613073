import pytest

from scripts.data import patients, slices


def test_paths_are_absolute_and_the_cohort_is_named(small_datalist):
    patient = patients(small_datalist, "training")[0]
    assert patient["ncct"] == str(small_datalist.parent / "patient-0" / "ncct.nii")
    assert patient["cohort"] == small_datalist.parent.name


def test_several_datalists_add_up(small_datalist):
    assert len(patients([small_datalist, small_datalist], "training")) == 4


def test_every_slice_of_every_patient_is_listed(small_datalist):
    assert [record["slice_index"] for record in slices(small_datalist, "training")] == [*range(8), *range(8)]


def test_a_missing_datalist_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.json"):
        patients(tmp_path / "absent.json", "training")


def test_an_empty_split_is_an_error(small_datalist):
    with pytest.raises(ValueError, match="'test'"):
        patients(small_datalist, "test")
