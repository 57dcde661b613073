"""Files without the DICM prefix or file meta information, deflated ones, and what is no DICOM at all."""

import io
import zlib

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from operators.dicom_loader.load import load_ncct_series
from operators.errors import Reason, Refusal
from tests.dicom_series import body_hu, write_series, written_bytes


def _bare(path, *, implicit_vr: bool, prefix: bytes = b"") -> None:
    file = pydicom.dcmread(path)
    bare = Dataset()
    bare.update({tag: file[tag] for tag in file.keys()})  # noqa: SIM118 - a Dataset is no dict
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, bare, implicit_vr=implicit_vr, little_endian=True, enforce_file_format=False)
    path.write_bytes(prefix + buffer.getvalue())


@pytest.mark.slow
@pytest.mark.parametrize("implicit_vr", [True, False])
@pytest.mark.parametrize("prefix", [b"", b"\0" * 128 + b"DICM"])
def test_a_series_without_file_meta_information_is_read(tmp_path, implicit_vr, prefix):
    for path in write_series(tmp_path).iterdir():
        _bare(path, implicit_vr=implicit_vr, prefix=prefix)
    assert np.array_equal(load_ncct_series(tmp_path).hu, body_hu())


def test_bare_slices_at_the_end_do_not_shorten_the_series(tmp_path):
    for path in sorted(write_series(tmp_path).iterdir())[:3]:
        _bare(path, implicit_vr=True)
    assert len(load_ncct_series(tmp_path).hu) == len(body_hu())


def test_a_file_that_only_begins_like_dicom_is_passed_over(tmp_path):
    (write_series(tmp_path) / "junk").write_bytes(b"\x08\x00\x05\x00" + bytes(range(256)) * 4)
    assert len(load_ncct_series(tmp_path).hu) == len(body_hu())


@pytest.mark.slow
def test_a_deflated_bomb_is_damaged_and_does_not_fill_the_memory(tmp_path):
    path = sorted(write_series(tmp_path).iterdir())[0]
    file = pydicom.dcmread(path)
    file.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    whole = written_bytes(file)
    start = 144 + int.from_bytes(whole[140:144], "little")
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(b"\x08\x00\x08\x00UT\0\0\xff\xff\xff\x7f")  # a text of 2 GiB
    packed += b"".join(packer.compress(bytes(2**20)) for _ in range(128)) + packer.flush()
    path.write_bytes(whole[:start] + packed)
    with pytest.raises(Refusal) as refusal:
        load_ncct_series(tmp_path)
    assert refusal.value.reason is Reason.CORRUPT


@pytest.mark.parametrize(
    ("name", "start", "told"),
    [
        ("a.zip", b"PK\x03\x04", "Unpack"),
        ("a.nii.gz", b"\x1f\x8b", "bundle"),
        ("a.dcm.gz", b"\x1f\x8b", "Unpack"),
        ("a.tar.gz", b"\x1f\x8b", "Unpack"),
    ],
)
def test_another_format_is_named_with_what_to_do(tmp_path, name, start, told):
    (tmp_path / name).write_bytes(start + bytes(200))
    with pytest.raises(Refusal, match=told) as refusal:
        load_ncct_series(tmp_path)
    assert refusal.value.reason is Reason.NO_CT_SERIES
