"""Which scans are found in each layout."""

import pytest

from cohorts.prepare.layouts import Layout, discover
from cohorts.prepare.reasons import Reason
from prepare.sources import save_series, touch

FILES = {
    "coltea": ("p1/NATIVE/DICOM/1.dcm", "p1/ARTERIAL/DICOM/1.dcm", "p1/VENOUS/DICOM/1.dcm"),
    "isles24": (
        "raw_data/sub-stroke0001/ses-01/sub-stroke0001_ses-01_ncct.nii.gz",
        "raw_data/sub-stroke0001/ses-01/sub-stroke0001_ses-01_cta.nii.gz",
        "derivatives/sub-stroke0001/ses-01/sub-stroke0001_ses-01_space-ncct_cta.nii.gz",
    ),
    "paper": ("p1/20200101/SE0/IM1", "p1/20200101/SE1/IM1"),
    "nnunet": ("imagesTr/case_1_0000.nii.gz", "imagesTr/case_1_0001.nii.gz", "labelsTr/case_1.nii.gz"),
    "waw-tace": ("12_0.nii.gz", "12_1.nii.gz", "12_2.nii.gz", "12_3.nii.gz"),
    "phases": ("ncct/p1.nii.gz", "cta/p1.nii.gz"),
    "aortaseg24": ("images/subject001_CTA.mha", "masks/subject001_label.mha"),
    "topcow": ("imagesTr/topcow_ct_001_0000.nii.gz", "imagesTr/topcow_mr_001_0000.nii.gz",
               "cow_seg_labelsTr/topcow_ct_001.nii.gz"),
    "avt": ("Dongyang/D1/D1.nrrd", "Dongyang/D1/D1.seg.nrrd"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_layout_is_recognised_and_gives_its_one_patient(tmp_path, name):
    found, candidates = discover(touch(tmp_path, *FILES[name]))
    assert found == name
    (candidate,) = candidates
    assert candidate.rejected is None
    assert candidate.cta.path in [tmp_path / file for file in FILES[name]] + [(tmp_path / FILES[name][1]).parent]


@pytest.mark.parametrize("files", [("p1/ncct.nii.gz", "p1/cta.nii.gz"), ("p1/native/1.dcm", "p1/arterial/1.dcm"),
                                   ("plain/p1/1.dcm", "angio/p1/1.dcm")])  # fmt: skip
def test_one_folder_or_file_a_phase_may_lie_either_way(tmp_path, files):
    name, (candidate,) = discover(touch(tmp_path, *files))
    assert (name, candidate.patient, candidate.rejected) == ("phases", "p1", None)


def test_the_venous_phase_is_not_the_cta(tmp_path):
    _, (candidate,) = discover(touch(tmp_path, *FILES["coltea"]), "coltea")
    assert candidate.cta.path == tmp_path / "p1/ARTERIAL/DICOM"


def test_the_aligned_cta_of_isles_is_taken_not_the_raw_one(tmp_path):
    _, (candidate,) = discover(touch(tmp_path, *FILES["isles24"]))
    assert candidate.cta.path.name == "sub-stroke0001_ses-01_space-ncct_cta.nii.gz"


def test_the_csv_files_of_coltea_give_its_splits(tmp_path):
    names = [f"{p}/{phase}/DICOM/1.dcm" for p in ("p1", "p2") for phase in ("NATIVE", "ARTERIAL")]
    touch(tmp_path, *names)
    (tmp_path / "train_data.csv").write_text("id,path\n1,data/p1/NATIVE/DICOM\n")
    (tmp_path / "test_data.csv").write_text("p2\n")
    _, candidates = discover(tmp_path)
    assert [(candidate.patient, candidate.split) for candidate in candidates] == [("p1", "training"), ("p2", "test")]


def test_a_patient_with_one_scan_is_kept_with_what_is_missing(tmp_path):
    touch(tmp_path, *FILES["nnunet"], "imagesTr/lone_0000.nii.gz", "imagesTr/only_0001.nii.gz")
    _, candidates = discover(tmp_path)
    reasons = {candidate.patient: candidate.rejected and candidate.rejected.reason for candidate in candidates}
    assert reasons == {"case_1": None, "lone": Reason.NO_CTA, "only": Reason.NO_NCCT}


def test_the_same_scan_found_twice_is_ambiguous(tmp_path):
    touch(tmp_path, "a/x_0000.nii", "b/x_0000.nii", "a/x_0001.nii")
    _, (candidate,) = discover(tmp_path, "nnunet")
    assert candidate.rejected.reason is Reason.AMBIGUOUS


@pytest.mark.slow
def test_a_folder_of_any_other_shape_is_read_as_dicom(tmp_path):
    save_series(tmp_path / "a" / "b", "ncct")
    save_series(tmp_path / "a" / "b", "cta")
    name, (candidate,) = discover(tmp_path)
    assert (name, candidate.rejected, candidate.region) == ("dicom", None, "chest")


def test_own_patterns_go_before_every_layout(tmp_path):
    touch(tmp_path, "p1-plain.nii", "p1-angio.nii")
    name, (candidate,) = discover(tmp_path, own=Layout(("{patient}-plain{ext}",), ("{patient}-angio{ext}",)))
    assert (name, candidate.patient, candidate.rejected) == ("own patterns", "p1", None)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="finds no scan"):
        discover(tmp_path)


def test_an_unknown_layout_is_refused_with_those_that_exist(tmp_path):
    with pytest.raises(ValueError, match="nnunet"):
        discover(tmp_path, "nnnet")
