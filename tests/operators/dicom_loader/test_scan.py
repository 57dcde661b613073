"""Files of every kind beside the series."""

import errno
import os
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import MediaStorageDirectoryStorage, MRImageStorage

from operators.dicom_loader.files import files_under
from operators.dicom_loader.scan import FileKind, FolderScan, scan_files
from operators.errors import ExitCode, Reason, Refusal
from tests.dicom_series import body_hu, ct_slice, setting, write_series, written_bytes


def scan_folder(folder: Path) -> FolderScan:
    return scan_files(files_under(folder))


def test_junk_beside_a_series_is_counted_and_passed_over(tmp_path):
    write_series(tmp_path)
    (tmp_path / "empty.dcm").touch()
    (tmp_path / "task.json").write_text("{}")
    scan = scan_folder(tmp_path)
    assert scan.counts[FileKind.CT_SLICE] == 10
    assert scan.warnings == ["2 file(s) skipped: not DICOM."]


def test_nested_folders_and_names_without_extension_are_found(tmp_path):
    deep = tmp_path / "a" / "b"
    write_series(deep)
    for file in list(deep.iterdir()):
        file.rename(file.with_suffix(""))
    assert scan_folder(tmp_path).counts[FileKind.CT_SLICE] == 10


def test_a_symlink_loop_ends(tmp_path):
    write_series(tmp_path / "series")
    (tmp_path / "series" / "loop").symlink_to(tmp_path)
    assert scan_folder(tmp_path).counts[FileKind.CT_SLICE] == 10


def test_a_named_pipe_does_not_block(tmp_path):
    write_series(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert scan_folder(tmp_path).counts[FileKind.NOT_DICOM] == 1


def test_other_dicom_objects_are_counted(tmp_path):
    write_series(tmp_path, setting(SOPClassUID=MRImageStorage))
    scan = scan_folder(tmp_path)
    assert scan.counts[FileKind.OTHER_DICOM] == 10
    assert not scan.series


def test_a_dicomdir_is_another_object_not_a_damaged_one(tmp_path):
    directory = ct_slice(body_hu()[0], 0)
    directory.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    del directory.SOPClassUID
    (tmp_path / "DICOMDIR").write_bytes(written_bytes(directory))
    assert scan_folder(tmp_path).counts[FileKind.OTHER_DICOM] == 1


def test_a_header_cut_short_is_no_clean_slice(tmp_path):
    whole = written_bytes(ct_slice(body_hu()[0], 0))
    (tmp_path / "cut.dcm").write_bytes(whole[:150])
    assert scan_folder(tmp_path).counts[FileKind.DAMAGED_DICOM] == 1


@pytest.mark.parametrize("error", [PermissionError(errno.EACCES, "denied", "/secret"), OSError(errno.EIO, "disk")])
def test_a_file_that_the_system_does_not_let_read_is_no_damaged_one(tmp_path, monkeypatch, error):
    write_series(tmp_path)
    opened = Path.open

    def failing(path, *args, **kwargs):
        if path.name.startswith("003"):
            raise error
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", failing)
    with pytest.raises(Refusal) as refusal:
        scan_folder(tmp_path)
    assert refusal.value.reason is Reason.UNREADABLE
    assert refusal.value.exit_code is ExitCode.NO_INPUT
    assert "1 file(s)" in refusal.value.message
    assert "secret" not in refusal.value.message


def test_a_place_outside_the_file_is_damage(tmp_path, monkeypatch):
    def failing(*_, **__):
        raise OSError(errno.EINVAL, "Invalid argument")

    write_series(tmp_path)
    monkeypatch.setattr(pydicom, "dcmread", failing)
    assert scan_folder(tmp_path).counts[FileKind.DAMAGED_DICOM] == 10


def test_a_lack_of_memory_while_reading_headers_is_no_damage(tmp_path, monkeypatch):
    def failing(*_, **__):
        raise MemoryError

    write_series(tmp_path)
    monkeypatch.setattr(pydicom, "dcmread", failing)
    with pytest.raises(MemoryError):
        scan_folder(tmp_path)


def test_headers_hold_neither_pixels_nor_private_groups(tmp_path):
    def add_private(ds, _):
        ds.private_block(0x0009, "VENDOR", create=True).add_new(1, "LO", "hidden")

    write_series(tmp_path, add_private)
    (slices,) = scan_folder(tmp_path).series.values()
    assert all("PixelData" not in source.header for source in slices)
    assert not any(element.tag.is_private for element in slices[0].header)


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_without_files_is_no_input(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Refusal) as refusal:
        scan_folder(tmp_path / name)
    assert refusal.value.reason is Reason.NO_INPUT
