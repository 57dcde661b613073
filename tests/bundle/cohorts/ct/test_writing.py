"""Volumes, folders and texts that appear whole or not at all."""

import nibabel
import numpy as np
import pytest

from cohorts.ct.reading import WORKING_SPACING_MM, Volume
from cohorts.ct.writing import DRAFT_PREFIX, remove_drafts, whole_folder, write_volume, write_whole


def test_a_volume_is_stored_in_lps_order_with_its_place(tmp_path):
    hu = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4) + 0.6
    write_volume(tmp_path / "a.nii", hu, Volume(hu, WORKING_SPACING_MM, (10.0, 20.0, 30.0)))
    image = nibabel.load(tmp_path / "a.nii")
    assert nibabel.aff2axcodes(image.affine) == ("L", "P", "S")
    np.testing.assert_allclose(image.affine[:3, 3], (-10, -20, 30))
    assert np.array_equal(np.asarray(image.dataobj), np.rint(hu).T)
    assert image.get_data_dtype() == np.int16


def test_labels_stay_labels(tmp_path):
    labels = np.array([[[0, 3]]], np.uint8)
    write_volume(tmp_path / "a.nii", labels, Volume(labels, WORKING_SPACING_MM, (0.0, 0.0, 0.0)))
    assert nibabel.load(tmp_path / "a.nii").get_data_dtype() == np.uint8


def test_a_folder_appears_at_the_end_in_place_of_the_old_one(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old").touch()
    with whole_folder(tmp_path / "a") as draft:
        (draft / "new").touch()
        assert [path.name for path in (tmp_path / "a").iterdir()] == ["old"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["new"]


def test_an_error_leaves_the_old_folder_and_no_draft(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="full"), whole_folder(tmp_path / "a") as draft:
        (draft / "half").touch()
        raise OSError("full")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_text_replaces_the_old_one_at_once(tmp_path):
    (tmp_path / "a.json").write_text("old")
    write_whole(tmp_path / "a.json", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.json", "new")]


def test_drafts_of_a_killed_run_are_removed_and_nothing_else(tmp_path):
    (tmp_path / f"{DRAFT_PREFIX}case-0001-x").mkdir()
    (tmp_path / f"{DRAFT_PREFIX}case-0001-x" / "ncct.nii").touch()
    (tmp_path / f"{DRAFT_PREFIX}datalist.json").touch()
    (tmp_path / "case-0001").mkdir()
    remove_drafts(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["case-0001"]
