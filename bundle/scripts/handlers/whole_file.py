"""Writes torch files so that no half-written one is ever found."""

import os
from pathlib import Path

import torch


def save_whole(content: object, path: str | Path) -> None:
    """Write beside the file and put it in place in one step.

    Raises:
        OSError: when it cannot be written; the file that was there stays.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    try:
        with unfinished.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as RuntimeError
        unfinished.unlink(missing_ok=True)
        raise OSError(f"{path} could not be written: {error}. Is there room on the disk?") from error
