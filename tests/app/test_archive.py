"""A study as a .zip: unpacked with the archives in it, never beyond its folder, and refused where it is damaged."""

import io
import zipfile
from pathlib import Path

import pytest

from app import archive
from app.archive import opened_input
from operators.errors import Reason, Refusal
from tests.inaccessible_folder import as_unprivileged_user


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as target:
        for name, data in files.items():
            target.writestr(name, data)
    return content.getvalue()


def written(folder: Path, content: bytes) -> Path:
    path = folder / "study.zip"
    path.write_bytes(content)
    return path


def contents(path: Path) -> list[bytes]:
    """What the app would read of an input."""
    with opened_input(path) as folder:
        return sorted(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_a_zip_gives_its_files(tmp_path):
    assert contents(written(tmp_path, zipped({"DICOM/1": b"one", "DICOM/2": b"two"}))) == [b"one", b"two"]


def test_a_zip_in_a_zip_gives_its_files(tmp_path):
    inner = zipped({"1": b"one", "2": b"two"})
    assert contents(written(tmp_path, zipped({"readme": b"three", "study.zip": inner}))) == [b"one", b"three", b"two"]


def test_two_zips_in_a_zip_do_not_overwrite_each_other(tmp_path):
    both = {f"{name}.zip": zipped({"1": name.encode()}) for name in ("a", "b")}
    assert contents(written(tmp_path, zipped(both))) == [b"a", b"b"]


def test_names_in_a_zip_lead_nowhere(tmp_path):
    path = written(tmp_path, zipped({"../../escaped": b"x", "/etc/escaped": b"y"}))
    assert contents(path) == [b"x", b"y"]
    assert list(tmp_path.rglob("escaped")) == []


def test_a_zip_goes_with_the_run(tmp_path):
    with opened_input(written(tmp_path, zipped({"1": b"one"}))) as folder:
        pass
    assert not folder.exists()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_zip_that_is_cut_off_is_damaged(tmp_path, share):
    whole = zipped({str(i): bytes(range(256)) * 40 for i in range(9)})
    with pytest.raises(Refusal) as refusal, opened_input(written(tmp_path, whole[: int(share * len(whole))])):
        pass
    assert refusal.value.reason is Reason.CORRUPT


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_with_changed_bytes_is_damaged(tmp_path, method):
    whole = bytearray(zipped({"1": bytes(range(256)) * 400}, method))
    whole[60:80] = bytes(20)
    with pytest.raises(Refusal) as refusal, opened_input(written(tmp_path, bytes(whole))):
        pass
    assert refusal.value.reason is Reason.CORRUPT


def test_a_bomb_in_a_zip_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_MOST_BYTES", 2**20)
    inner = zipped({"1": bytes(2**21)})
    with pytest.raises(Refusal) as refusal, opened_input(written(tmp_path, zipped({"a.zip": inner}))):
        pass
    assert refusal.value.reason is Reason.OUT_OF_MEMORY


def test_a_file_or_folder_that_is_no_zip_stays_itself(tmp_path):
    with opened_input(tmp_path) as folder:
        assert folder == tmp_path


def test_a_file_that_the_user_may_not_read_is_unreadable(tmp_path):
    tmp_path.chmod(0o755)
    path = written(tmp_path, zipped({"1": b"one"}))
    path.chmod(0o000)
    with as_unprivileged_user(), pytest.raises(Refusal) as refusal, opened_input(path):
        pass
    assert refusal.value.reason is Reason.UNREADABLE
