"""Writing that survives a crash: what these functions have returned from is on the disk (POSIX fsync and rename)."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

PARTIAL_SUFFIX = ".part"
"""Ends the name of a file that is still being written; left behind only by a crash."""


def sync_folder(folder: Path) -> None:
    """Bring the entries of a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Bring every file and folder below a folder to the disk."""
    for parent, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(parent, name), "rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(parent))


def make_folder(folder: Path) -> None:
    """Create a folder that stays, for its owner only; nothing happens when it is there."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def move(source: Path, target: Path) -> None:
    """Rename a file or folder within one file system; a crash leaves it in one of the two places."""
    os.rename(source, target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def write_json(path: Path, content: Any) -> None:
    """Write or replace a small JSON file; a crash leaves the old or the new content."""
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=PARTIAL_SUFFIX)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    move(Path(partial), path)
