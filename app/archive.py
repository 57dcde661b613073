"""A study as a .zip, as PACS and portals export it: unpacked into a folder that is removed after the run."""

import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operators.errors import Reason, Refusal, system_errno

_MOST_BYTES = 32 * 2**30
_MOST_FILES = 200_000
_CHUNK_BYTES = 2**20
_MOST_LEVELS = 3
"""Archives in archives, as portals pack a study of several exports."""

_ZIP_START = b"PK\x03\x04"
_DAMAGED = "The archive is damaged, encrypted or of a type that cannot be read. Unpack it and give the folder."
_DAMAGES = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
)


@contextmanager
def opened_input(path: Path) -> Iterator[Path]:
    """The folder to read: that of the archive's files where the input is a .zip, else the input itself.

    Args:
        path: what the user gave with -i.

    Yields:
        A folder, or a single file. Names of the archive are not used: they may lead anywhere.

    Raises:
        Refusal: UNREADABLE, when the system does not let the file be read; CORRUPT, when the archive is damaged;
            OUT_OF_MEMORY, when it is larger than 32 GiB unpacked.
    """
    try:
        is_archive = path.is_file() and _is_zip(path)
    except OSError as error:
        raise Refusal(
            Reason.UNREADABLE, "The input file cannot be read. Check its permissions and the disk."
        ) from error
    if not is_archive:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="syn-cta-") as folder:
        try:
            _Unpacking(Path(folder)).unpack(path, _MOST_LEVELS)
        except _DAMAGES as error:
            raise Refusal(Reason.CORRUPT, _DAMAGED) from error
        except OSError as error:
            if system_errno(error) is not None:  # the disk; bzip2 words damage as an OSError without a number
                raise
            raise Refusal(Reason.CORRUPT, _DAMAGED) from error
        yield Path(folder)


def _is_zip(path: Path) -> bool:
    """Whether a file is a .zip, or was one before it was cut off."""
    with path.open("rb") as file:
        return file.read(len(_ZIP_START)) == _ZIP_START or zipfile.is_zipfile(path)


class _Unpacking:
    """Writes the files of archives under numbers, in a folder for each of an archive's folders.

    Args:
        folder: receives them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bytes_left, self._files_left, self._folders = _MOST_BYTES, _MOST_FILES, 0

    def unpack(self, path: Path, levels: int) -> None:
        """Unpack an archive and the archives in it, down to `levels` levels; deeper ones stay packed."""
        folders: dict[str, Path] = {}
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            self._files_left -= len(members)
            if self._files_left < 0 or sum(member.file_size for member in members) > self._bytes_left:
                raise _too_large()
            for number, member in enumerate(members):
                packed_in = member.filename.rpartition("/")[0]
                if packed_in not in folders:
                    folders[packed_in] = self._new_folder()
                unpacked = folders[packed_in] / f"{number:06d}{_suffix(member)}"
                self._write(archive, member, unpacked)
                if levels > 1 and unpacked.suffix == ".zip" and zipfile.is_zipfile(unpacked):
                    self.unpack(unpacked, levels - 1)
                    unpacked.unlink()

    def _new_folder(self) -> Path:
        parent = self._folder / str(self._folders)
        parent.mkdir()
        self._folders += 1
        return parent

    def _write(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
        with archive.open(member) as packed, path.open("wb") as unpacked:
            while chunk := packed.read(_CHUNK_BYTES):
                self._bytes_left -= len(chunk)
                if self._bytes_left < 0:  # the sizes in the archive's directory are wrong
                    raise _too_large()
                unpacked.write(chunk)


def _suffix(member: zipfile.ZipInfo) -> str:
    """The file name's suffix, by which other formats are recognised."""
    name = member.filename.lower()
    return next((end for end in (".nii.gz", ".nii", ".zip") if name.endswith(end)), "")


def _too_large() -> Refusal:
    return Refusal(
        Reason.OUT_OF_MEMORY,
        f"The archive unpacks to more than {_MOST_BYTES // 2**30} GiB or {_MOST_FILES} files. Unpack it and give the "
        "folder of one study.",
    )
