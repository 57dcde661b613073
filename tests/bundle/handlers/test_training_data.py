import json
import shutil
from pathlib import Path

import nibabel
import pytest

from scripts.data import patients
from scripts.handlers import TrainingData


def training_data(datalist: Path) -> TrainingData:
    return TrainingData(patients(datalist, "training"))


def go_on(state: dict, datalist: Path) -> None:
    training_data(datalist).load_state_dict(state)


@pytest.fixture
def state(small_datalist) -> dict:
    return training_data(small_datalist).state_dict()


@pytest.fixture
def moved(small_datalist, tmp_path) -> Path:
    """Datalist of the same patients in another folder."""
    shutil.copytree(small_datalist.parent, tmp_path / "moved")
    return tmp_path / "moved" / "datalist.json"


def test_the_same_data_go_on(state, small_datalist):
    go_on(state, small_datalist)


def test_data_may_move(state, moved):
    go_on(state, moved)


def test_another_number_of_validation_patients_is_not_other_training_data(state, moved):
    lists = json.loads(moved.read_text())
    moved.write_text(json.dumps(lists | {"validation": []}))
    go_on(state, moved)


def test_fewer_patients_are_refused(state, moved):
    lists = json.loads(moved.read_text())
    moved.write_text(json.dumps(lists | {"training": lists["training"][:1]}))
    with pytest.raises(ValueError, match=r"\(patients: 2\), .* these are 'moved' \(patients: 1\)"):
        go_on(state, moved)


def test_another_order_would_draw_other_slices_and_is_refused(state, moved):
    lists = json.loads(moved.read_text())
    moved.write_text(json.dumps(lists | {"training": lists["training"][::-1]}))
    with pytest.raises(ValueError, match="these are"):
        go_on(state, moved)


@pytest.mark.parametrize("name", ["ncct", "cta"])
def test_other_volumes_under_the_same_names_are_refused(state, moved, name):
    path = moved.parent / "patient-0" / f"{name}.nii"
    image = nibabel.load(path)
    changed = nibabel.Nifti1Image(image.get_fdata().astype("int16") + 1, image.affine)
    path.unlink()
    nibabel.save(changed, path)
    with pytest.raises(ValueError, match="these are"):
        go_on(state, moved)


def test_the_refusal_says_how_to_go_on_and_how_to_start_anew(state, moved):
    moved.write_text(moved.read_text().replace('"patient": "patient-0"', '"patient": "other"'))
    with pytest.raises(ValueError, match=r"--datalist, .* --resume True\. .* --pretrained .* --output_dir"):
        go_on(state, moved)


def test_no_patient_is_named(state):
    assert "patient-" not in str(state)
