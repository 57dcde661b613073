"""The files of the input folder, by name alone: quick to tell a missing or empty folder from one with work in it."""

import os
from pathlib import Path

from operators.errors import Reason, Refusal


def files_under(folder: Path) -> list[Path]:
    """All files of a folder and its sub-folders; links to folders are not followed, since they may loop.

    Args:
        folder: the input folder.

    Returns:
        Paths, sorted.

    Raises:
        Refusal: NO_INPUT, when the folder is missing, unreadable or holds no file.
    """
    try:
        is_folder = folder.is_dir()
    except OSError as error:  # a folder above it is closed
        raise Refusal(Reason.NO_INPUT, "The input folder cannot be reached. Check the permissions.") from error
    if not is_folder:
        raise Refusal(Reason.NO_INPUT, "The input folder does not exist or is not a folder.")
    failures: list[OSError] = []
    paths = [
        Path(parent) / name
        for parent, _, names in os.walk(folder, onerror=failures.append, followlinks=False)
        for name in names
    ]
    if failures:
        raise Refusal(Reason.NO_INPUT, f"{len(failures)} folder(s) of the input cannot be read. Check the permissions.")
    if not paths:
        raise Refusal(Reason.NO_INPUT, "The input folder holds no file. Give the folder of a DICOM study.")
    return sorted(paths)
