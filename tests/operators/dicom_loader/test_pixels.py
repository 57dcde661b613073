"""Pixels that cannot be had: the file, its bytes and the memory are told apart."""

import errno

import pytest

from operators.dicom_loader.pixels import load_hu
from operators.dicom_loader.scan import scan_files
from operators.errors import ExitCode, Reason, Refusal
from tests.dicom_series import write_series


@pytest.fixture
def slices(tmp_path):
    (found,) = scan_files(sorted(write_series(tmp_path).iterdir())).series.values()
    return found


def fail_with(error, monkeypatch):
    def failing(*_, **__):
        raise error

    monkeypatch.setattr("operators.dicom_loader.stored_frames.pixel_array", failing)


@pytest.mark.parametrize("error", [PermissionError(errno.EACCES, "denied", "/secret"), OSError(errno.EIO, "disk")])
def test_a_slice_that_the_system_does_not_let_read_is_unreadable(slices, monkeypatch, error):
    fail_with(error, monkeypatch)
    with pytest.raises(Refusal) as refusal:
        load_hu(slices)
    assert refusal.value.reason is Reason.UNREADABLE
    assert refusal.value.exit_code is ExitCode.NO_INPUT
    assert "secret" not in refusal.value.message


def test_a_slice_that_has_vanished_since_the_scan_is_unreadable(slices):
    slices[3].path.unlink()
    with pytest.raises(Refusal) as refusal:
        load_hu(slices)
    assert refusal.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize("error", [ValueError("marker"), OSError("image file is truncated")])
def test_bytes_that_do_not_decode_are_corrupt(slices, monkeypatch, error):
    fail_with(error, monkeypatch)
    with pytest.raises(Refusal) as refusal:
        load_hu(slices)
    assert refusal.value.reason is Reason.CORRUPT


def test_a_lack_of_memory_while_decoding_is_no_damage(slices, monkeypatch):
    fail_with(MemoryError(), monkeypatch)
    with pytest.raises(MemoryError):
        load_hu(slices)
