from pathlib import Path

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


@pytest.fixture
def saved(records, tmp_path):
    """Makes a record of one volume with an affine."""

    def save(*diagonal_mm: float) -> dict:
        nibabel.save(nibabel.Nifti1Image(np.zeros((4, 4, 4), np.int16), np.diag([*diagonal_mm, 1])), tmp_path / "a.nii")
        return {"patient": "p", "ncct": str(tmp_path / "a.nii")}

    return save


def test_a_spacing_that_is_not_asked_for_is_none_of_its_business(saved):
    check_grids([saved(3, 3, 3)], VOLUMES)


def test_another_index_order_is_refused_where_the_spacing_matters(saved):
    with pytest.raises(ValueError, match="p, ncct: stored in index order RPS, not LPS"):
        check_grids([saved(0.67, -0.67, 1.25)], VOLUMES, (0.67, 0.67, 1.25))


@pytest.mark.parametrize("diagonal_mm", [(-0.4, -0.4, 1.25), (-0.67, -0.67, 5)])
def test_another_spacing_is_refused_with_what_was_found(saved, diagonal_mm):
    found = " x ".join(str(abs(axis_mm)) for axis_mm in diagonal_mm)
    with pytest.raises(ValueError, match=f"voxels of {found} mm, expected 0.67 x 0.67 x 1.25: .*pixel_mm and slice_mm"):
        check_grids([saved(*diagonal_mm)], VOLUMES, (0.67, 0.67, 1.25))


def test_a_file_that_is_cut_off_is_refused(saved):
    record = saved(-1, -1, 1)
    path = Path(record["ncct"])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="p, ncct: the file is incomplete"):
        check_grids([record], VOLUMES)
