"""All or nothing: results are written into a hidden folder inside the output folder and moved into place at the end.

`result.json` is moved last and, when an earlier result is replaced, removed first: if it is there, the result is
complete. A killed process cannot clean up, so its hidden folder stays; the next run into the output folder restores
what was there before and removes it. A lock on the output folder, which the system releases when its process ends,
distinguishes a dead run from one that is still writing.
"""

import errno
import fcntl
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from operators.durable import sync_folder, sync_tree
from operators.errors import Reason, Refusal, system_errno

logger = logging.getLogger(__name__)

SERIES_FOLDER = "syn-cta"
UNCERTAINTY_FOLDER = "uncertainty"
COMPANIONS_FOLDER = "companions"
PREVIEW_FILE = "preview.png"
PAGE_FILE = "result.html"
RESULT_FILE = "result.json"
OUTPUTS = (PREVIEW_FILE, PAGE_FILE, COMPANIONS_FOLDER, UNCERTAINTY_FOLDER, SERIES_FOLDER, RESULT_FILE)
"""Everything that a run may write, in the order of moving, so that whoever sees the result finds all its files."""

_STAGING_PREFIX = ".syn-cta-partial-"
_REPLACED = "former"
_NAMES = "names"
_PUBLISHED = "published"  # names that the run moves into place, one per line; exists until the move is complete
_ATTEMPTS = 50
_PROBE_BYTES = 4096
_NOT_WRITABLE = "The output folder cannot be written. Check its owner and permissions, and the user of the container."


def check_output(output: Path, *, overwrite: bool) -> None:
    """Refuse an output folder that cannot take the result, before any work is done.

    What a killed run left behind is removed.

    Args:
        output: the output folder; need not exist.
        overwrite: whether results of an earlier run may be replaced.

    Raises:
        Refusal: OUTPUT_EXISTS or CANNOT_WRITE.
    """
    try:
        if output.exists() and not output.is_dir():
            raise Refusal(Reason.CANNOT_WRITE, "The output path is a file. Give a folder.")
        existing = output
        while not existing.exists():
            existing = existing.parent
        if not os.access(existing, os.W_OK | os.X_OK):
            raise Refusal(Reason.CANNOT_WRITE, _NOT_WRITABLE)
        with tempfile.TemporaryFile(dir=existing) as probe:  # permissions are not all: a full disk, a share
            probe.write(bytes(_PROBE_BYTES))
        if output.exists():
            with _locked(output) as held:
                if held:
                    _remove_leftovers(output)
        present = [name for name in OUTPUTS if (output / name).exists()]
    except PermissionError as error:  # a folder above the output is closed, or the output itself to reading
        raise Refusal(Reason.CANNOT_WRITE, _NOT_WRITABLE) from error
    except OSError as error:
        raise Refusal(Reason.CANNOT_WRITE, f"The output folder cannot be used: {_error_text(error)}.") from error
    if present and not overwrite:
        raise Refusal(
            Reason.OUTPUT_EXISTS,
            f"The output folder already holds {', '.join(present)}. Give an empty folder or --overwrite.",
        )


@contextmanager
def staged_output(output: Path) -> Iterator[Path]:
    """Provide a folder to write into; its content is moved to the output folder only if everything succeeds.

    Args:
        output: the output folder; created with its parents.

    Yields:
        Folder for items named in `OUTPUTS`.

    Raises:
        Refusal: CANNOT_WRITE, when the result cannot be written or another run is writing into the folder. Nothing
            of the result is left then.
    """
    try:
        with ExitStack() as stack:
            with _open_lock:
                created = [folder for folder in (output, *output.parents) if not folder.exists()]
                try:
                    output.mkdir(parents=True, exist_ok=True)
                    if stack.enter_context(_locked(output)):
                        _remove_leftovers(output)
                    staging = _Staging(output, created)
                except BaseException:
                    _remove_empty(created)
                    raise
                _open.add(staging)
            try:
                yield staging.folder
                staging.publish()
            finally:
                with _open_lock:
                    staging.discard()
                    _open.discard(staging)
    except OSError as error:
        raise Refusal(Reason.CANNOT_WRITE, f"The result cannot be written: {_error_text(error)}.") from error


def discard_unfinished() -> None:
    """Remove everything that runs of this process have written but not published, for a process that ends at once.

    No run continues after it: each waits for ever before it would begin, publish or clean up.
    """
    _open_lock.acquire()  # never released
    for staging in _open:
        staging.abandon()


class _Staging:
    """The hidden folder of one run.

    Args:
        output: the output folder, which exists.
        created: folders that were made for it, from itself upwards; none when it was there.
    """

    def __init__(self, output: Path, created: list[Path]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=output))
        self._output = output
        self._created = created
        self._moving = threading.Lock()

    def publish(self) -> None:
        """Move everything into place; on failure restore the former state."""
        with self._moving:
            try:
                _publish(self.folder, self._output)
            except BaseException:  # also an interrupt
                _roll_back(self.folder, self._output)
                raise
            self._created = []

    def discard(self) -> None:
        """Remove what has not been published."""
        shutil.rmtree(self.folder, ignore_errors=True)
        _remove_empty(self._created)

    def abandon(self) -> None:
        """Remove what has not been published, and stop another thread that may still be writing it."""
        self._moving.acquire()  # never released
        ended = self.folder.with_name(f"{self.folder.name}-ended")
        with suppress(OSError):
            self.folder.rename(ended)  # the other thread's next write fails, as its folder is gone
        for _ in range(_ATTEMPTS):
            shutil.rmtree(ended, ignore_errors=True)
            self.discard()
            if not ended.exists() and not self.folder.exists():
                break


_open: set[_Staging] = set()
_open_lock = threading.Lock()


def _remove_empty(created: list[Path]) -> None:
    """Remove folders, from the deepest upwards; a folder into which another run has written stays."""
    for folder in created:
        with suppress(OSError):
            folder.rmdir()


@contextmanager
def _locked(output: Path) -> Iterator[bool]:
    """Lock the output folder for this run.

    Yields:
        Whether it is locked; False if the file system has no locks.

    Raises:
        Refusal: CANNOT_WRITE, when another run holds it.
    """
    descriptor = os.open(output, os.O_RDONLY | os.O_DIRECTORY)
    try:
        held = True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refusal(
                Reason.CANNOT_WRITE,
                "Another run is writing to the output folder. Wait until it has ended, or give another folder.",
            ) from error
        except OSError as error:
            held = False
            logger.debug("The output folder cannot be locked: %s", _error_text(error))
        yield held
    finally:
        os.close(descriptor)


def _remove_leftovers(output: Path) -> None:
    """Undo what killed runs left; the caller holds the lock, so none of them is still running."""
    for folder in output.glob(f"{_STAGING_PREFIX}*"):
        _roll_back(folder, output)
        shutil.rmtree(folder, ignore_errors=True)


def _publish(folder: Path, output: Path) -> None:
    names = [name for name in OUTPUTS if (folder / name).exists()]
    sync_tree(folder)  # before it is visible: if result.json exists, the rest must, also after a crash
    (folder / _REPLACED).mkdir()
    (folder / _NAMES).write_text("\n".join(names))
    os.rename(folder / _NAMES, folder / _PUBLISHED)  # whole or not at all
    for name in reversed(OUTPUTS):  # result.json first
        if (output / name).exists():
            os.rename(output / name, folder / _REPLACED / name)
    for name in names:
        os.rename(folder / name, output / name)
    sync_folder(output)
    (folder / _PUBLISHED).unlink()


def _roll_back(folder: Path, output: Path) -> None:
    """Restore the state before `_publish`, wherever it stopped, unless it was complete."""
    if not (folder / _PUBLISHED).exists():
        return
    names = (folder / _PUBLISHED).read_text().splitlines()
    if not any((folder / name).exists() for name in names):  # killed after the last move
        return
    for name in names:
        if not (folder / name).exists() and (output / name).exists():
            os.rename(output / name, folder / name)
    for name in OUTPUTS:
        if (folder / _REPLACED / name).exists():
            os.rename(folder / _REPLACED / name, output / name)
    (folder / _PUBLISHED).unlink()


def _error_text(error: OSError) -> str:
    """The system's words without the path that `str(error)` would show."""
    number = system_errno(error)
    if number == errno.ENOSPC:
        return "the disk is full"
    return os.strerror(number) if number else type(error).__name__
