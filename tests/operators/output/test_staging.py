"""All or nothing in the output folder."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from operators.errors import Reason, Refusal
from operators.output import staging
from operators.output.staging import check_output, staged_output
from tests.inaccessible_folder import inaccessible_folder

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
FILES = ("preview.png", "companions/pdf-report.dcm", "syn-cta/0001.dcm", "result.json")


def fill(folder, text, files=FILES):
    for name in files:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def content(folder):
    """Every file under a folder, hidden ones too, with its text."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_results_appear_with_nothing_else(tmp_path):
    output = tmp_path / "deep" / "out"
    with staged_output(output) as folder:
        fill(folder, "new")
        assert not (output / "syn-cta").exists()
    assert content(output) == dict.fromkeys(FILES, "new")


def test_a_failure_leaves_no_trace(tmp_path):
    with pytest.raises(ValueError, match="broken"), staged_output(tmp_path / "deep" / "out") as folder:
        fill(folder, "new")
        raise ValueError("broken")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_result_of_another_run_in_a_folder_that_it_made(tmp_path):
    with pytest.raises(ValueError, match="broken"), staged_output(tmp_path / "out" / "0001") as folder:
        fill(folder, "failed")
        with staged_output(tmp_path / "out" / "0002") as other:
            fill(other, "new")
        raise ValueError("broken")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["0002"]
    assert content(tmp_path / "out" / "0002") == dict.fromkeys(FILES, "new")


_ENDED = """
import os, sys
from pathlib import Path
from operators.output.staging import discard_unfinished, staged_output
from tests.operators.output.test_staging import fill

output = Path(sys.argv[1])
with staged_output(output / "0001") as folder:
    fill(folder, "ended")
    with staged_output(output / "0002") as other:
        fill(other, "new")
    discard_unfinished()
    os._exit(0)
"""


def test_a_process_that_ends_at_once_leaves_the_result_of_another_run_in_a_folder_that_it_made(tmp_path):
    subprocess.run([sys.executable, "-c", _ENDED, tmp_path / "out"], cwd=ROOT, check=True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["0002"]
    assert content(tmp_path / "out" / "0002") == dict.fromkeys(FILES, "new")


def test_a_folder_that_cannot_be_made_leaves_none_of_those_above_it(tmp_path, monkeypatch):
    mkdir = os.mkdir

    def failing(path, *options):
        if path == tmp_path / "out" / "0001" and path.parent.exists():
            raise OSError(errno.EDQUOT, "Disk quota exceeded")
        mkdir(path, *options)

    monkeypatch.setattr(os, "mkdir", failing)
    with pytest.raises(Refusal), staged_output(tmp_path / "out" / "0001"):
        pass
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


def test_a_full_disk_is_told_through_an_error_that_was_raised_from_it(tmp_path):
    with pytest.raises(Refusal, match="disk is full"), staged_output(tmp_path / "out"):
        raise OSError("With tag (0010,0020)") from OSError(errno.ENOSPC, "No space left on device")


def test_an_earlier_result_is_replaced_whole(tmp_path):
    for text in ("old", "new"):
        with staged_output(tmp_path) as folder:
            fill(folder, text)
    assert content(tmp_path) == dict.fromkeys(FILES, "new")


def test_what_an_earlier_result_had_more_goes_with_it(tmp_path):
    with staged_output(tmp_path) as folder:
        fill(folder, "old")
    with staged_output(tmp_path) as folder:
        fill(folder, "new", ["syn-cta/0001.dcm", "result.json"])
    assert content(tmp_path) == {"syn-cta/0001.dcm": "new", "result.json": "new"}


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
    assert content(tmp_path) == dict.fromkeys(FILES, "old")


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


def test_a_closed_folder_above_the_output_is_refused(tmp_path):
    with inaccessible_folder(tmp_path) as closed, pytest.raises(Refusal) as refusal:
        check_output(closed / "out", overwrite=False)
    assert refusal.value.reason is Reason.CANNOT_WRITE
    assert "permissions" in refusal.value.message


def test_a_name_that_the_system_does_not_take_is_refused_without_it(tmp_path):
    with pytest.raises(Refusal) as refusal:
        check_output(tmp_path / ("secret" * 50), overwrite=False)
    assert refusal.value.reason is Reason.CANNOT_WRITE
    assert "secret" not in refusal.value.message


# ---- runs that are killed ----

_KILLED = """
import os, signal, sys
from pathlib import Path
from operators.output.staging import staged_output
from tests.operators.output.test_staging import fill

output, moves = Path(sys.argv[1]), int(sys.argv[2])
rename = os.rename

def counted(source, target):
    global moves
    if moves == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    moves -= 1
    rename(source, target)

os.rename = counted
with staged_output(output) as folder:
    fill(folder, "new")
"""
EARLIER = (*FILES, "uncertainty/0001.dcm")
MOVES = 1 + len(FILES)  # the list of names, and each item


def killed_after(moves, output):
    """Write a result in a process that is killed (SIGKILL) at its next move after so many."""
    done = subprocess.run([sys.executable, "-c", _KILLED, output, str(moves)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("moves", range(MOVES))
def test_a_run_killed_at_any_move_is_no_result_and_is_gone_after_the_next_check(tmp_path, moves):
    killed_after(moves, tmp_path)
    assert not (tmp_path / "result.json").exists()
    check_output(tmp_path, overwrite=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("moves", range(MOVES + len(EARLIER)))
def test_an_earlier_result_comes_back_after_a_run_that_was_killed_at_any_move(tmp_path, moves):
    with staged_output(tmp_path) as folder:
        fill(folder, "old", EARLIER)
    before = content(tmp_path)
    killed_after(moves, tmp_path)
    check_output(tmp_path, overwrite=True)
    assert content(tmp_path) == before


def test_a_run_that_was_killed_while_cleaning_up_is_cleaned_up_by_the_next(tmp_path):
    with staged_output(tmp_path) as folder:
        fill(folder, "old")
    killed_after(MOVES + 2, tmp_path)  # old items aside, two of the new ones moved
    cleaning = _KILLED[: _KILLED.index("with staged")] + "check_output(output, overwrite=True)"
    cleaning = cleaning.replace("import staged_output", "import check_output")
    for moves in (1, 2):
        subprocess.run([sys.executable, "-c", cleaning, tmp_path, str(moves)], cwd=ROOT, check=False)
    check_output(tmp_path, overwrite=True)
    assert content(tmp_path) == dict.fromkeys(FILES, "old")


def test_the_next_run_removes_what_a_killed_one_left(tmp_path):
    killed_after(0, tmp_path)
    assert any(path.name.startswith(".syn-cta-partial-") for path in tmp_path.iterdir())
    with staged_output(tmp_path) as folder:
        fill(folder, "next")
    assert content(tmp_path) == dict.fromkeys(FILES, "next")


def test_a_run_that_is_still_writing_is_left_alone(tmp_path):
    with staged_output(tmp_path) as folder:
        fill(folder, "first")
        with pytest.raises(Refusal) as refusal, staged_output(tmp_path):
            pass
        assert refusal.value.reason is Reason.CANNOT_WRITE
        assert "Another run" in refusal.value.message
        with pytest.raises(Refusal):
            check_output(tmp_path, overwrite=True)
    assert content(tmp_path) == dict.fromkeys(FILES, "first")


def test_a_file_system_without_locks_still_takes_a_result(tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", unsupported)
    with staged_output(tmp_path) as folder:
        fill(folder, "new")
    assert content(tmp_path) == dict.fromkeys(FILES, "new")


def test_everything_is_on_the_disk_before_anything_of_it_is_seen(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(staging, "sync_tree", lambda folder: seen.append([path.name for path in tmp_path.iterdir()]))
    with staged_output(tmp_path) as folder:
        fill(folder, "new")
    [names] = seen
    assert not set(names) & {"syn-cta", "result.json"}
