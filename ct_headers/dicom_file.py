"""DICOM files with and without the DICM prefix and the file meta information (PS3.10 section 7).

Old archives and research exporters write the data set only, or the prefix without group 0002. Both are read. Other
files of a folder are recognised by their first bytes, so that only DICOM is parsed.
"""

import io
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

INFLATED_HEADER_BYTES = 64 * 2**20
"""Room for a header of a deflated file; real ones take some kilobytes."""

_PREAMBLE_LENGTH = 128
_META_START = _PREAMBLE_LENGTH + 4
_GROUP_LENGTH_BYTES = 12
_META_MOST_BYTES = 2**16
_IDENTIFYING_GROUP = 0x0008
_FIRST_ELEMENTS = range(0x0000, 0x0020)
"""A data set starts with group 0008: its length, Character Set (0005), Image Type (0008) or SOP Class UID (0016)."""


def has_prefix(start: bytes) -> bool:
    """Whether the first 132 bytes of a file are those of a DICOM file."""
    return start[_PREAMBLE_LENGTH : _PREAMBLE_LENGTH + 4] == b"DICM"


def may_be_bare(start: bytes) -> bool:
    """Whether the first bytes of a file look like those of a data set without prefix."""
    if len(start) < 8:
        return False
    for order in ("little", "big"):
        group, element = int.from_bytes(start[:2], order), int.from_bytes(start[2:4], order)
        if group == _IDENTIFYING_GROUP and element in _FIRST_ELEMENTS:
            return True
        if order == "little" and group == 0x0002 and element <= 0x0002:  # file meta without the preamble
            return True
    return False


def read_header(file: str | Path | BinaryIO, **options: Any) -> FileDataset | None:
    """Read the header of a file.

    Args:
        file: path, or the opened file at its start.
        options: of `pydicom.dcmread`, such as `specific_tags`.

    Returns:
        The header; None for a file that is not DICOM. If it has no file meta information, the transfer syntax that
        its bytes show is set there.

    Raises:
        Exception: of any kind, on damaged bytes.
    """
    if isinstance(file, str | Path):
        with open(file, "rb") as opened:
            return read_header(opened, **options)
    start = file.read(_PREAMBLE_LENGTH + 4)
    file.seek(0)
    prefixed = has_prefix(start)
    if not prefixed and not may_be_bare(start):
        return None
    header: FileDataset | None
    if meta := _deflated_meta(file):
        header = _read_deflated(file, meta, INFLATED_HEADER_BYTES, stop_before_pixels=True, **options)
    elif prefixed:
        header = pydicom.dcmread(file, stop_before_pixels=True, **options)
    else:
        header = _read_bare(file, **options)
    if header is None or (not prefixed and "SOPClassUID" not in header):
        return None  # not DICOM, it only starts like it
    complete_file_meta(header)
    return header


def _read_bare(file: BinaryIO, **options: Any) -> FileDataset | None:
    """Read a data set without prefix; None if it cannot be parsed and does not name CT: it is not DICOM.

    Raises:
        Exception: of any kind, on a damaged CT image.
    """
    names_ct = CTImageStorage.encode() in file.read(_META_MOST_BYTES)
    file.seek(0)
    try:
        return pydicom.dcmread(file, force=True, stop_before_pixels=True, **options)
    except MemoryError:
        raise
    except Exception:  # pydicom raises any kind of error on files that are not DICOM
        if names_ct:
            raise
        return None


def read_whole(path: Path, pixel_bytes: int) -> FileDataset:
    """Read a file in which other readers do not find the pixels: deflated, or without file meta information.

    Args:
        path: the file.
        pixel_bytes: size of the pixels by the header; a deflated file is inflated up to this size.

    Returns:
        The data set with its pixels and a transfer syntax.

    Raises:
        Exception: of any kind, on damaged bytes.
    """
    with path.open("rb") as file:
        if meta := _deflated_meta(file):
            return _read_deflated(file, meta, INFLATED_HEADER_BYTES + pixel_bytes)
        whole = pydicom.dcmread(file, force=True)
    complete_file_meta(whole)
    return whole


def _read_deflated(file: BinaryIO, meta: FileMetaDataset, most_bytes: int, **options: Any) -> FileDataset:
    """Inflate a file up to a size: with pydicom, 3 MB could fill all memory."""
    file.seek(_META_START + _GROUP_LENGTH_BYTES + int(meta.FileMetaInformationGroupLength))
    inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress(file.read(), most_bytes)
    header = pydicom.dcmread(io.BytesIO(inflated), force=True, **options)
    header.file_meta = meta
    return header


def _deflated_meta(file: BinaryIO) -> FileMetaDataset | None:
    """File meta information of a deflated file, None for any other; the file is at its start afterwards.

    Raises:
        ValueError: a deflated file has no length of its file meta information.
    """
    file.seek(0)
    start = file.read(_META_MOST_BYTES)
    file.seek(0)
    if not has_prefix(start) or DeflatedExplicitVRLittleEndian.encode() not in start:
        return None
    if start[_META_START : _META_START + 4] != b"\x02\x00\x00\x00":
        raise ValueError("a deflated file without the length of its file meta information")
    length = int.from_bytes(start[_META_START + 8 : _META_START + 12], "little")
    meta = pydicom.dcmread(io.BytesIO(start[: _META_START + _GROUP_LENGTH_BYTES + length])).file_meta
    return meta if meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian else None


def complete_file_meta(header: FileDataset) -> None:
    """Set the transfer syntax of a data set that was read without file meta information."""
    if not header.file_meta.get("TransferSyntaxUID"):
        implicit, little = header.original_encoding
        header.file_meta.TransferSyntaxUID = _syntax(implicit, little)


def lacks_file_meta(path: Path) -> bool:
    """Whether a DICOM file has no Transfer Syntax UID, so that other readers refuse it."""
    with path.open("rb") as file:
        start = file.read(_PREAMBLE_LENGTH + 4 + 12)
    return not has_prefix(start) or start[_PREAMBLE_LENGTH + 4 : _PREAMBLE_LENGTH + 6] != b"\x02\x00"


def _syntax(implicit: bool | None, little: bool | None) -> UID:
    if implicit is not False:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if little is not False else ExplicitVRBigEndian
