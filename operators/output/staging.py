"""All or nothing: results are written into a hidden folder inside the output folder and moved into place at the end.

`result.json` is moved last and, when an earlier result is replaced, taken away first: where it is, everything is.
Nobody can clean up behind a process that was killed, so its hidden folder stays; the next run into the output folder
brings back what was there before and removes it. A lock on the output folder, which the system drops with its process,
tells a dead run from one that is still writing.
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
"""What a run may leave, in the order of moving: who sees the result finds what belongs to it."""

_STAGING_PREFIX = ".syn-cta-partial-"
_FORMER = "former"
_NAMES = "names"
_PUBLISHED = "published"  # names that the run moves into place, one a line; there as long as the move is not complete
_ATTEMPTS = 50
_TRIED_BYTES = 4096
_NOT_WRITABLE = "The output folder cannot be written. Check its owner and permissions (container user?)."


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
            raise Refusal(Reason.CANNOT_WRITE, "The output path is a file, not a folder.")
        existing = output
        while not existing.exists():
            existing = existing.parent
        if not os.access(existing, os.W_OK | os.X_OK):
            raise Refusal(Reason.CANNOT_WRITE, _NOT_WRITABLE)
        with tempfile.TemporaryFile(dir=existing) as tried:  # what permissions say is not all: a full disk, a share
            tried.write(bytes(_TRIED_BYTES))
        if output.exists():
            with _locked(output) as held:
                if held:
                    _remove_leftovers(output)
        present = [name for name in OUTPUTS if (output / name).exists()]
    except PermissionError as error:  # a folder above the output is closed, or the output itself to reading
        raise Refusal(Reason.CANNOT_WRITE, _NOT_WRITABLE) from error
    except OSError as error:
        raise Refusal(Reason.CANNOT_WRITE, f"The output folder cannot be used: {_why(error)}.") from error
    if present and not overwrite:
        raise Refusal(
            Reason.OUTPUT_EXISTS,
            f"The output folder already holds {', '.join(present)}. Give an empty folder or --overwrite.",
        )


@contextmanager
def staged_output(output: Path) -> Iterator[Path]:
    """Give a folder to write into; its content appears in the output folder only when everything went well.

    Args:
        output: the output folder; created with its parents.

    Yields:
        Folder for items named in `OUTPUTS`.

    Raises:
        Refusal: CANNOT_WRITE, when the disk does not take the result or another run is writing into the folder. Nothing
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
        raise Refusal(Reason.CANNOT_WRITE, f"The result cannot be written: {_why(error)}.") from error


def discard_unfinished() -> None:
    """Take away everything that runs of this process have written but not published, for a process that ends at once.

    No run gets any further after it: each waits for ever where it would begin, publish or clean up.
    """
    _open_lock.acquire()  # for good
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
        """Move everything into place; on failure the former state comes back."""
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
        """Remove what has not been published while another thread may still be writing it, and let it write no more."""
        self._moving.acquire()  # for good
        ended = self.folder.with_name(f"{self.folder.name}-ended")
        with suppress(OSError):
            self.folder.rename(ended)  # the other thread's next file has no folder any more
        for _ in range(_ATTEMPTS):
            shutil.rmtree(ended, ignore_errors=True)
            self.discard()
            if not ended.exists() and not self.folder.exists():
                break


_open: set[_Staging] = set()
_open_lock = threading.Lock()


def _remove_empty(created: list[Path]) -> None:
    """Take away folders, from the deepest upwards; one that another run has put something into stays."""
    for folder in created:
        with suppress(OSError):
            folder.rmdir()


@contextmanager
def _locked(output: Path) -> Iterator[bool]:
    """Hold the output folder for this run.

    Yields:
        Whether it is held; False where the file system has no locks.

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
                Reason.CANNOT_WRITE, "Another run is writing into the output folder. Let it finish."
            ) from error
        except OSError as error:
            held = False
            logger.debug("The output folder cannot be locked: %s", _why(error))
        yield held
    finally:
        os.close(descriptor)


def _remove_leftovers(output: Path) -> None:
    """Undo what killed runs left; the caller holds the lock, so no live run is among them."""
    for folder in output.glob(f"{_STAGING_PREFIX}*"):
        _roll_back(folder, output)
        shutil.rmtree(folder, ignore_errors=True)


def _publish(folder: Path, output: Path) -> None:
    names = [name for name in OUTPUTS if (folder / name).exists()]
    sync_tree(folder)  # before anything of it is seen: whoever finds result.json counts on the rest, also after a crash
    (folder / _FORMER).mkdir()
    (folder / _NAMES).write_text("\n".join(names))
    os.rename(folder / _NAMES, folder / _PUBLISHED)  # whole or not at all
    for name in reversed(OUTPUTS):  # result.json first
        if (output / name).exists():
            os.rename(output / name, folder / _FORMER / name)
    for name in names:
        os.rename(folder / name, output / name)
    sync_folder(output)
    (folder / _PUBLISHED).unlink()


def _roll_back(folder: Path, output: Path) -> None:
    """Bring back the state before `_publish`, from wherever it stopped, unless it was complete."""
    if not (folder / _PUBLISHED).exists():
        return
    names = (folder / _PUBLISHED).read_text().splitlines()
    if not any((folder / name).exists() for name in names):  # killed after the last move
        return
    for name in names:
        if not (folder / name).exists() and (output / name).exists():
            os.rename(output / name, folder / name)
    for name in OUTPUTS:
        if (folder / _FORMER / name).exists():
            os.rename(folder / _FORMER / name, output / name)
    (folder / _PUBLISHED).unlink()


def _why(error: OSError) -> str:
    """The system's words without the path that `str(error)` would show."""
    number = system_errno(error)
    if number == errno.ENOSPC:
        return "the disk is full"
    return os.strerror(number) if number else type(error).__name__
