"""Writing that survives a crash: when a function here returns, the change is on the disk (POSIX fsync, rename)."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from operators.durable import sync_folder

PARTIAL_SUFFIX = ".part"
"""Ends the name of a file that is still being written; left behind only by a crash."""


def make_folder(folder: Path) -> None:
    """Create a folder, for its owner only, and sync it to the disk; nothing happens when it exists."""
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
