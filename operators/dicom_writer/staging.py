"""All or nothing: results are written into a hidden folder inside the output folder and moved into place at the end."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operators.errors import Reason, Refusal

SERIES_FOLDER = "syn-cta"
RESULT_FILE = "result.json"
PREVIEW_FILE = "preview.png"
OUTPUTS = (PREVIEW_FILE, RESULT_FILE, SERIES_FOLDER)
"""In the order of moving: who sees the series also finds what belongs to it."""

_STAGING_PREFIX = ".syn-cta-partial-"


def check_output(output: Path, *, overwrite: bool) -> None:
    """Refuse an output folder that cannot take the result, before any work is done.

    Args:
        output: the output folder; need not exist.
        overwrite: whether results of an earlier run may be replaced.

    Raises:
        Refusal: OUTPUT_EXISTS or CANNOT_WRITE.
    """
    if output.exists() and not output.is_dir():
        raise Refusal(Reason.CANNOT_WRITE, "The output path is a file, not a folder.")
    present = [name for name in OUTPUTS if (output / name).exists()]
    if present and not overwrite:
        raise Refusal(
            Reason.OUTPUT_EXISTS,
            f"The output folder already holds {', '.join(present)}. Give an empty folder or --overwrite.",
        )
    existing = output
    while not existing.exists():
        existing = existing.parent
    if not os.access(existing, os.W_OK | os.X_OK):
        raise Refusal(
            Reason.CANNOT_WRITE,
            "The output folder cannot be written. Check its owner and permissions (container user?).",
        )


@contextmanager
def staged_output(output: Path) -> Iterator[Path]:
    """Give a folder to write into; its content appears in the output folder only when everything went well.

    Args:
        output: the output folder; created with its parents.

    Yields:
        Folder for the items named in `OUTPUTS`.

    Raises:
        Refusal: CANNOT_WRITE, when the disk does not take the result. Nothing of it is left then.
    """
    created: list[Path] = []
    staging: Path | None = None
    try:
        created = _make_folders(output)
        staging = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=output))
        yield staging
        _publish(staging, output)
        created = []
    except OSError as error:
        raise Refusal(Reason.CANNOT_WRITE, f"The result cannot be written: {_why(error)}.") from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
        for folder in created:  # empty on success
            shutil.rmtree(folder, ignore_errors=True)


def _make_folders(output: Path) -> list[Path]:
    """Create the output folder; returns the topmost folder that was not there before, to be taken away on failure."""
    missing = [folder for folder in (output, *output.parents) if not folder.exists()]
    output.mkdir(parents=True, exist_ok=True)
    return missing[-1:]


def _publish(staging: Path, output: Path) -> None:
    """Move everything into place; on failure the former state comes back."""
    former = staging / "former"
    former.mkdir()
    moved: list[str] = []
    try:
        for name in OUTPUTS:
            if (output / name).exists():
                os.rename(output / name, former / name)
            os.rename(staging / name, output / name)
            moved.append(name)
    except BaseException:  # also an interrupt: the earlier result lies in the staging folder, which is removed
        for name in moved:
            os.rename(output / name, staging / name)
        for name in OUTPUTS:
            if (former / name).exists():
                os.rename(former / name, output / name)
        raise


def _why(error: OSError) -> str:
    """The system's words without the path that `str(error)` would show."""
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    return os.strerror(error.errno) if error.errno else type(error).__name__
