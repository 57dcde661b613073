"""Name patterns."""

import pytest

from cohorts.prepare.patterns import find, read_tree
from prepare.sources import touch


def test_the_patient_is_read_off_the_name(tmp_path):
    touch(tmp_path, "deep/er/case_7_0000.nii.gz", "deep/er/case_7_0001.nii.gz")
    assert find(read_tree(tmp_path), ["**/{patient}_0000{ext}"]) == {
        "case_7": [tmp_path / "deep/er/case_7_0000.nii.gz"]
    }


def test_a_pattern_without_an_extension_finds_folders(tmp_path):
    touch(tmp_path, "p1/x/SE0/1.dcm", "p1/SE0.nii")
    assert find(read_tree(tmp_path), ["{patient}/**/SE0"]) == {"p1": [tmp_path / "p1/x/SE0"]}


def test_alternatives_and_case_do_not_matter(tmp_path):
    touch(tmp_path, "Native/a.nii", "plain/b.mha", "other/c.nii")
    assert set(find(read_tree(tmp_path), ["{native,plain}/{patient}{ext}"])) == {"a", "b"}


def test_the_patient_is_the_same_where_he_stands_twice(tmp_path):
    touch(tmp_path, "D1/D1.nrrd", "D2/D1.nrrd")
    assert set(find(read_tree(tmp_path), ["{patient}/{patient}{ext}"])) == {"D1"}


def test_hidden_files_are_not_found(tmp_path):
    touch(tmp_path, "._a.nii", ".trash/b.nii", "c.nii")
    assert set(find(read_tree(tmp_path), ["**/{patient}{ext}"])) == {"c"}


def test_a_pattern_without_the_patient_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"has no \{patient\}"):
        find(read_tree(tmp_path), ["ncct/*.nii"])
