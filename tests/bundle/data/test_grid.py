import nibabel
import numpy as np
import pytest

from scripts.data import patients
from scripts.data.datalist import VOLUMES
from scripts.data.grid import check_grids


@pytest.fixture
def records(small_datalist) -> list[dict]:
    return patients(small_datalist, "training")


def test_volumes_on_one_grid_pass(records):
    check_grids(records, VOLUMES)


def test_everything_that_is_wrong_is_listed_at_once(records, tmp_path):
    image = nibabel.load(records[0]["cta"])
    nibabel.save(nibabel.Nifti1Image(np.zeros((4, 4, 4), np.int16), image.affine), tmp_path / "small.nii")
    moved = image.affine.copy()
    moved[2, 3] += 5
    nibabel.save(nibabel.Nifti1Image(np.asarray(image.dataobj), moved), tmp_path / "moved.nii")
    (tmp_path / "text.nii").write_text("not a volume")
    changes = ("small.nii", "moved.nii", "text.nii", "missing.nii")
    broken = [{**records[0], "patient": name, "cta": str(tmp_path / name)} for name in changes]
    with pytest.raises(ValueError) as refusal:
        check_grids(broken, VOLUMES)
    reasons = str(refusal.value).splitlines()[1:]
    assert [reason.split(",")[0].strip() for reason in reasons] == list(changes)
    assert ["not on the grid" in reason for reason in reasons] == [True, True, False, False]
    assert ["cannot be read" in reason for reason in reasons] == [False, False, True, True]


def test_volumes_that_are_not_asked_for_are_not_looked_at(records):
    check_grids([{**records[0], "structures": "missing.nii"}], ("ncct", "cta"))
