"""Lists of pairs and of patients."""

import json

import pytest

from cohorts.prepare.candidates import Candidate
from cohorts.prepare.lists import apply_patients, read_pairs, read_patients
from cohorts.prepare.reasons import Reason
from prepare.sources import write_csv

ROW = {"patient": "p1", "ncct": "a/1.nii", "cta": "b/1.nii", "region": "neck", "label": "", "split": "external"}


def test_a_csv_names_pairs_relative_to_the_source(tmp_path):
    (candidate,) = read_pairs(write_csv(tmp_path / "pairs.csv", [ROW]), tmp_path / "src")
    assert candidate.ncct.path == tmp_path / "src" / "a" / "1.nii"
    assert (candidate.region, candidate.label, candidate.split) == ("neck", None, "external")


def test_json_lists_by_split_are_read(tmp_path):
    (tmp_path / "pairs.json").write_text(json.dumps({"test": [{"patient": 7, "ncct": "a.nii", "cta": "b.nii"}]}))
    (candidate,) = read_pairs(tmp_path / "pairs.json", tmp_path)
    assert (candidate.patient, candidate.split) == ("7", "test")


def test_semicolons_of_a_spreadsheet_are_read(tmp_path):
    (tmp_path / "pairs.csv").write_text("patient;ncct;cta\np1;a.nii;b.nii\n")
    assert read_pairs(tmp_path / "pairs.csv", tmp_path)[0].cta.path == tmp_path / "b.nii"


def test_a_row_with_masks_in_place_of_an_ncct_is_a_pseudo_pair(tmp_path):
    rows = [{"patient": "p1", "cta": "a.nii", "masks": "m.nii;n.nii"}]
    (candidate,) = read_pairs(write_csv(tmp_path / "pairs.csv", rows), tmp_path)
    assert (candidate.rejected, candidate.masks) == (None, (tmp_path / "m.nii", tmp_path / "n.nii"))


def test_a_row_without_a_patient_is_named_by_number(tmp_path):
    with pytest.raises(ValueError, match="row 2 has no patient"):
        read_pairs(write_csv(tmp_path / "pairs.csv", [ROW, ROW | {"patient": ""}]), tmp_path)


def test_what_the_list_says_goes_before_what_the_source_says(tmp_path):
    known = read_patients(write_csv(tmp_path / "p.csv", [{"patient": "p1", "region": "neck", "label": "dissection"}]))
    (candidate,) = apply_patients([Candidate("p1", region="chest", split="test")], known)
    assert (candidate.region, candidate.label, candidate.split) == ("neck", "dissection", "test")


def test_a_patient_is_excluded_with_the_readers_reason(tmp_path):
    known = read_patients(write_csv(tmp_path / "p.csv", [{"patient": "p1", "exclude": "stent in the aorta"}]))
    (candidate,) = apply_patients([Candidate("p1")], known)
    assert (candidate.rejected.reason, candidate.rejected.detail) == (Reason.EXCLUDED, "stent in the aorta")


@pytest.mark.parametrize("flag", ["0", "no", "False", ""])
def test_a_flag_that_says_no_excludes_nobody(tmp_path, flag):
    known = read_patients(write_csv(tmp_path / "p.csv", [{"patient": "p1", "exclude": flag}]))
    (candidate,) = apply_patients([Candidate("p1")], known)
    assert candidate.rejected is None


def test_a_list_of_one_column_is_told(tmp_path):
    (tmp_path / "p.csv").write_text("patient\np1\n")
    with pytest.raises(ValueError, match="must name the columns"):
        read_patients(tmp_path / "p.csv")


def test_a_patient_in_two_rows_is_refused(tmp_path):
    rows = [{"patient": "p1", "split": "test"}, {"patient": "p1", "split": "training"}]
    with pytest.raises(ValueError, match="two rows"):
        read_patients(write_csv(tmp_path / "p.csv", rows))


def test_quotes_in_a_quoted_reason_leave_the_split_as_it_is(tmp_path):
    (tmp_path / "p.csv").write_text('patient,exclude,label,split\np1,,"Marfan, ""type B"", op",test\n')
    assert read_patients(tmp_path / "p.csv") == {"p1": {"label": 'Marfan, "type B", op', "split": "test"}}


def test_a_comma_without_quotes_is_refused(tmp_path):
    (tmp_path / "p.csv").write_text("patient,exclude,label,split\np1,,Marfan, op,test\n")
    with pytest.raises(ValueError, match="row 1 has more cells than columns"):
        read_patients(tmp_path / "p.csv")


def test_a_quote_that_is_never_closed_is_refused(tmp_path):
    (tmp_path / "p.csv").write_text('patient,label,split\np1,"Marfan,test\np2,,test\n')
    with pytest.raises(ValueError, match="not valid CSV"):
        read_patients(tmp_path / "p.csv")


@pytest.mark.parametrize(("word", "meaning"), [("Test", "test"), ("train", "training"), ("val", "validation")])
def test_another_word_for_a_split_that_training_reads_is_refused(tmp_path, word, meaning):
    with pytest.raises(ValueError, match=f"Write {meaning}"):
        read_patients(write_csv(tmp_path / "p.csv", [{"patient": "p1", "split": word}]))


def test_a_missing_list_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.csv"):
        read_patients(tmp_path / "absent.csv")
