"""All or nothing in the output folder."""

import errno
import os
import stat

import pytest

from operators.dicom_writer.staging import OUTPUTS, check_output, staged_output
from operators.errors import Reason, Refusal


def fill(folder, text):
    (folder / "syn-cta").mkdir()
    (folder / "syn-cta" / "0001.dcm").write_text(text)
    (folder / "result.json").write_text(text)
    (folder / "preview.png").write_text(text)


def test_results_appear_with_nothing_else(tmp_path):
    output = tmp_path / "deep" / "out"
    with staged_output(output) as folder:
        fill(folder, "new")
        assert not (output / "syn-cta").exists()
    assert sorted(path.name for path in output.iterdir()) == sorted(OUTPUTS)


def test_a_failure_leaves_no_trace(tmp_path):
    with pytest.raises(ValueError, match="broken"), staged_output(tmp_path / "deep" / "out") as folder:
        fill(folder, "new")
        raise ValueError("broken")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_a_folder_that_was_there_untouched(tmp_path):
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(ValueError, match="broken"), staged_output(tmp_path) as folder:
        fill(folder, "new")
        raise ValueError("broken")
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_a_full_disk_is_told_as_such(tmp_path):
    with pytest.raises(Refusal) as refusal, staged_output(tmp_path / "out"):
        raise OSError(errno.ENOSPC, "No space left on device", "/secret/path")
    assert refusal.value.reason is Reason.CANNOT_WRITE
    assert "disk is full" in refusal.value.message
    assert "secret" not in refusal.value.message


def test_an_earlier_result_is_replaced_whole(tmp_path):
    for text in ("old", "new"):
        with staged_output(tmp_path) as folder:
            fill(folder, text)
    assert (tmp_path / "syn-cta" / "0001.dcm").read_text() == "new"
    assert (tmp_path / "result.json").read_text() == "new"


def test_the_result_belongs_to_the_group_that_the_output_folder_hands_down(tmp_path):
    tmp_path.chmod(0o2775)
    with staged_output(tmp_path) as folder:
        fill(folder, "new")
    assert (tmp_path / "syn-cta").stat().st_mode & stat.S_ISGID


@pytest.mark.parametrize(
    ("error", "raised"), [(OSError(errno.EIO, "broken"), Refusal), (KeyboardInterrupt(), KeyboardInterrupt)]
)
def test_an_earlier_result_comes_back_when_the_move_fails(tmp_path, monkeypatch, error, raised):
    with staged_output(tmp_path) as folder:
        fill(folder, "old")
    rename = os.rename

    def failing(source, target):
        if str(target) == str(tmp_path / "syn-cta") and "former" not in str(source):
            raise error
        rename(source, target)

    with pytest.raises(raised), staged_output(tmp_path) as folder:
        fill(folder, "new")
        monkeypatch.setattr(os, "rename", failing)
    assert (tmp_path / "result.json").read_text() == "old"
    assert (tmp_path / "syn-cta" / "0001.dcm").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(OUTPUTS)


def test_an_earlier_result_is_refused_without_overwrite(tmp_path):
    (tmp_path / "syn-cta").mkdir()
    with pytest.raises(Refusal) as refusal:
        check_output(tmp_path, overwrite=False)
    assert refusal.value.reason is Reason.OUTPUT_EXISTS
    check_output(tmp_path, overwrite=True)


def test_a_file_in_place_of_the_output_folder_is_refused(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(Refusal) as refusal:
        check_output(tmp_path / "out", overwrite=False)
    assert refusal.value.reason is Reason.CANNOT_WRITE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(Refusal) as refusal:
        check_output(tmp_path / "out", overwrite=False)
    assert refusal.value.reason is Reason.CANNOT_WRITE
