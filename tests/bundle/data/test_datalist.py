import json
from collections.abc import Sequence
from pathlib import Path

import nibabel
import numpy as np
import pytest

from scripts.data import datalists, patients, slices, validation_volumes, volumes

SPACING_MM = (0.67, 0.67, 1.25)


def validated(datalist: Path) -> list[dict]:
    return validation_volumes(patients(datalist, "validation"), SPACING_MM)


def test_paths_are_absolute_and_the_cohort_is_named(small_datalist):
    patient = patients(small_datalist, "training")[0]
    assert patient["ncct"] == str(small_datalist.parent / "patient-0" / "ncct.nii")
    assert patient["cohort"] == small_datalist.parent.name


def test_a_cohort_has_its_folders_name_however_the_datalist_is_named(small_datalist, monkeypatch):
    monkeypatch.chdir(small_datalist.parent)
    assert patients("datalist.json", "training")[0]["cohort"] == small_datalist.parent.name


def test_several_datalists_add_up(small_datalist):
    assert len(patients([small_datalist, small_datalist], "training")) == 4


def test_every_slice_of_every_patient_is_listed(small_datalist):
    listed = slices(patients(small_datalist, "training"), SPACING_MM)
    assert [record["slice_index"] for record in listed] == [*range(8), *range(8)]


def test_a_missing_datalist_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.json"):
        patients(tmp_path / "absent.json", "training")


def test_an_empty_split_is_an_error(small_datalist):
    with pytest.raises(ValueError, match="'test'"):
        patients(small_datalist, "test")


def test_a_record_without_its_cta_is_refused_with_what_it_has(tmp_path):
    (tmp_path / "datalist.json").write_text('{"training": [{"patient": "p", "ncct": "a.nii"}]}')
    with pytest.raises(ValueError, match="has no cta; found patient, ncct"):
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
    (record,) = validated(real_pair())
    assert record == {"patient": "p", "image": str(folder / "ncct.nii"), "label": str(folder / "cta.nii")}


def test_a_known_lumen_goes_to_the_validation(real_pair, small_datalist):
    lumen = str(small_datalist.parent / "patient-0" / "structures.nii")
    (record,) = validated(real_pair(lumen=lumen))
    assert record["lumen"] == lumen


def trained(datalist: Path) -> Sequence[dict]:
    return slices(patients(datalist, "training"), SPACING_MM)


@pytest.mark.parametrize("listing", [trained, validated])
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


@pytest.mark.parametrize("listing", [trained, validated])
def test_voxels_of_another_size_are_refused_before_training(real_pair, tmp_path, listing):
    thick = nibabel.Nifti1Image(np.zeros((8, 8, 4), np.int16), np.diag([-0.67, -0.67, 5, 1]))
    nibabel.save(thick, tmp_path / "thick.nii")
    paths = dict.fromkeys(("ncct", "cta"), str(tmp_path / "thick.nii"))
    with pytest.raises(ValueError, match=r"p, ncct: voxels of 0\.67 x 0\.67 x 5 mm, expected 0\.67 x 0\.67 x 1\.25"):
        listing(real_pair(**paths))


def test_an_empty_name_is_no_datalist_rather_than_phantoms(tmp_path):
    with pytest.raises(FileNotFoundError, match="No datalist"):
        patients(datalists("", tmp_path, make_phantoms), "training")


def test_fewer_patients_are_taken_of_each_cohort_and_region_in_turn(tmp_path):
    for cohort in ("a", "b"):
        volumes = {"ncct": "x", "cta": "x"}
        regions = ("chest", "chest", "neck")
        listed = [{"patient": str(i), "region": region, **volumes} for i, region in enumerate(regions)]
        (tmp_path / cohort).mkdir()
        (tmp_path / cohort / "datalist.json").write_text(json.dumps({"validation": listed}))
    files = [tmp_path / cohort / "datalist.json" for cohort in ("a", "b")]
    taken = [(record["cohort"], record["patient"]) for record in patients(files, "validation", limit=5)]
    assert taken == [("a", "0"), ("a", "1"), ("a", "2"), ("b", "0"), ("b", "2")]
