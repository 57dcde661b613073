"""Files and folders that appear whole or not at all: nobody reads a half-written one, and a killed run leaves none."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DRAFT_PREFIX = ".draft-"
"""Drafts are hidden files beside their target. A killed run leaves them behind, and nothing reads them."""


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A draft that becomes `target` at the end of the block, in place of an older one; removed on error.

    The content is on the disk before it gets its name, so that a crash of the machine leaves the old or the new file.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{DRAFT_PREFIX}{target.name}")
    try:
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A draft folder that becomes `target` at the end of the block, in place of an older one; removed on error."""
    draft = Path(tempfile.mkdtemp(prefix=f"{DRAFT_PREFIX}{target.name}-", dir=target.parent))
    try:
        yield draft
        draft.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_whole(path: Path, text: str) -> None:
    """Write a text file, UTF-8; its folder is made where it is missing."""
    with whole_file(path) as draft:
        draft.write_text(text, encoding="utf-8")


def save_whole(content: object, path: str | Path) -> None:
    """Write a file of `torch.save`; its folder is made where it is missing.

    Raises:
        OSError: when it cannot be written; the file that was there stays.
    """
    import torch  # takes a second, and writers of texts do not need it

    try:
        with whole_file(Path(path)) as draft:
            torch.save(content, draft)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as RuntimeError
        raise OSError(f"{path} could not be written: {error}. Check the free disk space.") from error


def remove_drafts(folder: Path) -> None:
    """Remove what a killed run has left in a folder; no other run may be writing there."""
    for draft in folder.glob(f"{DRAFT_PREFIX}*"):
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        else:
            draft.unlink(missing_ok=True)
