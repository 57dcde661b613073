import json
from pathlib import Path

import nibabel
import numpy as np
import pytest

from scripts.data import datalists, patients, slices, validation_volumes, volumes


def test_paths_are_absolute_and_the_cohort_is_named(small_datalist):
    patient = patients(small_datalist, "training")[0]
    assert patient["ncct"] == str(small_datalist.parent / "patient-0" / "ncct.nii")
    assert patient["cohort"] == small_datalist.parent.name


def test_several_datalists_add_up(small_datalist):
    assert len(patients([small_datalist, small_datalist], "training")) == 4


def test_every_slice_of_every_patient_is_listed(small_datalist):
    listed = slices(patients(small_datalist, "training"))
    assert [record["slice_index"] for record in listed] == [*range(8), *range(8)]


def test_a_missing_datalist_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.json"):
        patients(tmp_path / "absent.json", "training")


def test_an_empty_split_is_an_error(small_datalist):
    with pytest.raises(ValueError, match="'test'"):
        patients(small_datalist, "test")


def test_a_record_without_its_cta_is_refused_with_what_it_has(tmp_path):
    (tmp_path / "datalist.json").write_text('{"training": [{"patient": "p", "ncct": "a.nii"}]}')
    with pytest.raises(ValueError, match="has no cta; it has patient, ncct"):
        patients(tmp_path / "datalist.json", "training")


@pytest.fixture
def real_pair(small_datalist, tmp_path):
    """Makes a datalist of one validation patient with an NCCT, a CTA and what else is asked for."""

    def make(**volumes: str) -> Path:
        folder = small_datalist.parent / "patient-0"
        record = {"patient": "p", "ncct": str(folder / "ncct.nii"), "cta": str(folder / "cta.nii"), **volumes}
        (tmp_path / "datalist.json").write_text(json.dumps({"training": [record], "validation": [record]}))
        return tmp_path / "datalist.json"

    return make


def test_where_there_is_no_aligned_truth_the_acquired_cta_is_validated_against(real_pair, small_datalist):
    folder = small_datalist.parent / "patient-0"
    assert validation_volumes(real_pair()) == [{"image": str(folder / "ncct.nii"), "label": str(folder / "cta.nii")}]


def test_a_known_lumen_goes_to_the_validation(real_pair, small_datalist):
    lumen = str(small_datalist.parent / "patient-0" / "structures.nii")
    (record,) = validation_volumes(real_pair(lumen=lumen))
    assert record["lumen"] == lumen


@pytest.mark.parametrize("listing", [lambda datalist: slices(patients(datalist, "training")), validation_volumes])
def test_a_cta_on_another_grid_is_refused_before_training(real_pair, tmp_path, listing):
    nibabel.save(nibabel.Nifti1Image(np.zeros((128, 128, 4), np.int16), np.eye(4)), tmp_path / "short.nii")
    with pytest.raises(ValueError, match="p, cta: not on the grid of the NCCT"):
        listing(real_pair(cta=str(tmp_path / "short.nii")))


def make_phantoms(folder: str) -> str:
    return f"{folder}/made"


def test_a_named_datalist_is_taken(tmp_path):
    assert datalists("a.json", tmp_path, make_phantoms) == ["a.json"]


def test_a_datalist_in_the_folder_is_taken(small_datalist):
    assert datalists(None, small_datalist.parent, make_phantoms) == [str(small_datalist)]


def test_phantoms_are_made_in_an_empty_folder(tmp_path):
    assert datalists(None, tmp_path, make_phantoms) == [f"{tmp_path}/made"]


def test_a_folder_without_volumes_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="--dataset_dir"):
        volumes(tmp_path)
