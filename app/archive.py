"""A study as a .zip, as PACS and portals export it: unpacked into a folder that goes again with the run."""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operators.errors import Reason, Refusal

_MOST_BYTES = 32 * 2**30
_MOST_FILES = 200_000
_CHUNK_BYTES = 2**20
_DAMAGED = "The archive is damaged, encrypted or of a kind that cannot be read. Unzip it first."


@contextmanager
def opened_input(path: Path) -> Iterator[Path]:
    """The folder to read: that of the archive's files where the input is a .zip, else the input itself.

    Args:
        path: what the user gave with -i.

    Yields:
        A folder, or a single file. Names of the archive are not used: they may lead anywhere.

    Raises:
        Refusal: CORRUPT, when the archive cannot be read; OUT_OF_MEMORY, when it is larger than 32 GiB unpacked.
    """
    if not (path.is_file() and zipfile.is_zipfile(path)):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="syn-cta-") as folder:
        try:
            _unpack(path, Path(folder))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
            raise Refusal(Reason.CORRUPT, _DAMAGED) from error
        yield Path(folder)


def _unpack(path: Path, folder: Path) -> None:
    """Write every file of an archive under a number, in a folder for each of the archive's folders."""
    room = _MOST_BYTES
    folders: dict[str, Path] = {}
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > _MOST_FILES or sum(member.file_size for member in members) > room:
            raise _too_large()
        for number, member in enumerate(members):
            parent = folders.setdefault(member.filename.rpartition("/")[0], folder / str(len(folders)))
            parent.mkdir(exist_ok=True)
            with archive.open(member) as packed, (parent / f"{number:06d}{_suffix(member)}").open("wb") as unpacked:
                while chunk := packed.read(_CHUNK_BYTES):
                    room -= len(chunk)
                    if room < 0:  # the sizes in its directory are not true
                        raise _too_large()
                    unpacked.write(chunk)


def _suffix(member: zipfile.ZipInfo) -> str:
    """What tells other formats from DICOM."""
    name = member.filename.lower()
    return next((end for end in (".nii.gz", ".nii", ".zip") if name.endswith(end)), "")


def _too_large() -> Refusal:
    return Refusal(
        Reason.OUT_OF_MEMORY,
        f"The archive unpacks to more than {_MOST_BYTES // 2**30} GiB or {_MOST_FILES} files. Unzip the study first.",
    )
