"""Read the headers of files in parallel and sort them into CT slices and everything else; names do not matter."""

import logging
import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, partial
from pathlib import Path

from pydicom.datadict import dictionary_VM, dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import FileDataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID, CTImageStorage

from ct_headers.dicom_file import read_header
from operators.dicom_loader.frames import FUNCTIONAL_GROUPS, MULTI_FRAME_CT, frame_headers
from operators.dicom_objects.attributes import READ
from operators.errors import Reason, Refusal, is_unreadable

logger = logging.getLogger(__name__)

READER_THREADS = 8
"""Headers are small: the wait for a disk or network share dominates, not the number of cores."""

_NUMBERS = ("DS", "IS", "US", "SS")
_ARCHIVE_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b")
_NIFTI_NAMES = (".nii", ".nii.gz", ".hdr", ".nrrd", ".mha", ".mhd")


class FileKind(Enum):
    """What a file in the input folder turned out to be."""

    CT_SLICE = "CT slice"
    MULTI_FRAME_CT = "multi-frame CT"
    OTHER_DICOM = "other DICOM object"
    DAMAGED_DICOM = "damaged DICOM file"
    UNREADABLE = "unreadable file"
    ARCHIVE = "archive"
    NIFTI = "NIfTI or other research image"
    NOT_DICOM = "not DICOM"


@dataclass(frozen=True)
class SourceSlice:
    """One CT slice on disk.

    Attributes:
        path: the file; never logged.
        header: the attributes that `scan_files` was asked for, with file meta, without pixels.
    """

    path: Path
    header: FileDataset

    @property
    def frame_number(self) -> int | None:
        """Which frame of a multi-frame file this is, from 1; None for a file of its own."""
        return self.header.get("ReferencedFrameNumber")


@dataclass(frozen=True)
class FolderScan:
    """What lies in the input folder.

    Attributes:
        series: CT slices by SeriesInstanceUID ("" where the header has none), files in path order.
        counts: number of files of each kind.
    """

    series: dict[str, list[SourceSlice]]
    counts: Counter = field(default_factory=Counter)

    @property
    def warnings(self) -> list[str]:
        """Files that were passed over, counted; empty for a clean folder."""
        return [
            f"{self.counts[kind]} file(s) skipped: {kind.value}."
            for kind in (FileKind.OTHER_DICOM, FileKind.ARCHIVE, FileKind.NIFTI, FileKind.NOT_DICOM)
            if self.counts[kind]
        ]


def scan_files(paths: list[Path], keywords: tuple[str, ...] = READ) -> FolderScan:
    """Read the headers of files.

    Args:
        paths: the files, sorted.
        keywords: attributes to read of each; reading fewer saves up to half of the time.

    Returns:
        CT slices by series and the count of everything else.

    Raises:
        Refusal: UNREADABLE, when the system does not let a file be read: it may belong to the series.
    """
    with ThreadPoolExecutor(READER_THREADS) as pool:
        read = list(pool.map(partial(read_headers, keywords=keywords), paths))
    counts = Counter(kind for kind, _ in read)
    if unreadable := counts[FileKind.UNREADABLE]:
        raise Refusal(
            Reason.UNREADABLE, f"{unreadable} file(s) of the input cannot be read. Check permissions and disk."
        )
    series: dict[str, list[SourceSlice]] = {}
    for path, (_, headers) in zip(paths, read, strict=True):
        for header in headers:
            series.setdefault(str(header.get("SeriesInstanceUID", "") or ""), []).append(SourceSlice(path, header))
    logger.debug("Scanned %d files: %s", len(paths), {kind.value: count for kind, count in counts.items()})
    return FolderScan(series, counts)


def read_headers(path: Path, keywords: tuple[str, ...] = READ) -> tuple[FileKind, list[FileDataset]]:
    """Read what a file says.

    Args:
        path: any file.
        keywords: attributes to read.

    Returns:
        What the file is, and the header of the CT slice in it, or of each frame; none for every other file.
    """
    tags = _tags(keywords)
    try:
        if not path.is_file():  # a pipe or a device: opening it may wait for ever
            return FileKind.NOT_DICOM, []
        with path.open("rb") as file:
            header = read_header(file, specific_tags=tags)
            if header is None:
                file.seek(0)
                return _foreign_kind(path, file.read(4)), []
            sop_class = UID(str(header.get("SOPClassUID") or header.file_meta.get("MediaStorageSOPClassUID") or ""))
            if sop_class == CTImageStorage:
                _drop_unreadable_values(header, tags)
                return FileKind.CT_SLICE, [header]
            if sop_class in MULTI_FRAME_CT:
                file.seek(0)
                frames = frame_headers(read_header(file, specific_tags=[*tags, *FUNCTIONAL_GROUPS]))
                for frame in frames or ():
                    _drop_unreadable_values(frame, tags)
                return (FileKind.MULTI_FRAME_CT, frames) if frames else (FileKind.DAMAGED_DICOM, [])
    except MemoryError:
        raise
    except Exception as error:  # pydicom raises any kind of error on damaged bytes
        logger.debug("A header cannot be read: %s", type(error).__name__)
        return (FileKind.UNREADABLE if is_unreadable(error) else FileKind.DAMAGED_DICOM), []
    if not header.get("SOPClassUID") and not sop_class.type:  # not even the file meta is whole
        return FileKind.DAMAGED_DICOM, []
    return FileKind.OTHER_DICOM, []


@cache
def _tags(keywords: tuple[str, ...]) -> list[BaseTag]:
    """Looking them up takes as long as reading a file."""
    return [Tag(keyword) for keyword in keywords]


def _foreign_kind(path: Path, start: bytes) -> FileKind:
    """The kind of a file that is not DICOM, for the advice to the user."""
    if path.name.lower().endswith(_NIFTI_NAMES):
        return FileKind.NIFTI
    return FileKind.ARCHIVE if start.startswith(_ARCHIVE_STARTS) else FileKind.NOT_DICOM


def _drop_unreadable_values(header: FileDataset, tags: list[BaseTag]) -> None:
    """Take out damaged values (letters in a number, NaN, a wrong representation): the checks find them missing."""
    for tag in tags:
        try:
            if tag not in header or _is_sound(header[tag]):
                continue
        except MemoryError:
            raise
        except Exception as error:  # pydicom raises any kind of error on damaged values
            logger.debug("Unreadable value in %s: %s", tag, type(error).__name__)
        del header[tag]


def _is_sound(element: DataElement) -> bool:
    """Whether an element has the value representation of the dictionary, and numbers where it promises them."""
    if element.VR not in dictionary_VR(element.tag).split(" or "):
        return False
    multiplicity = dictionary_VM(element.tag)
    if multiplicity.isdigit() and element.VM not in (0, int(multiplicity)):
        return False
    if element.VR not in _NUMBERS:
        return True
    if element.is_empty:
        return not isinstance(element.value, MultiValue)  # what is left of separators alone
    values = [element.value] if element.VM == 1 else element.value
    return all(isinstance(value, (int, float)) and math.isfinite(value) for value in values)
