"""The files of the input, listed without reading them: a quick check for a missing or empty folder."""

import errno
import os
from pathlib import Path

from operators.errors import Reason, Refusal


def files_under(folder: Path) -> list[Path]:
    """All files of a folder and its sub-folders; links to folders are not followed, since they may loop.

    Args:
        folder: the input folder, or a single file.

    Returns:
        Paths, sorted.

    Raises:
        Refusal: NO_INPUT, when the folder is missing, unreadable or holds no file.
    """
    try:
        if folder.is_file():
            return [folder]
        is_folder = folder.is_dir()
    except OSError as error:  # a folder above it is closed
        raise Refusal(Reason.NO_INPUT, "The input folder cannot be opened. Check its permissions.") from error
    if not is_folder:
        raise Refusal(
            Reason.NO_INPUT, "The input does not exist, or is neither a folder nor a file. Check the path after -i."
        )
    failures: list[OSError] = []
    try:
        paths = [
            Path(parent) / name
            for parent, _, names in os.walk(folder, onerror=failures.append, followlinks=False)
            for name in names
        ]
    except RecursionError as error:  # os.walk calls itself for every level
        raise Refusal(Reason.NO_INPUT, "The input folder is nested too deeply. Give the folder of a study.") from error
    if failures:
        deep = any(failure.errno == errno.ENAMETOOLONG for failure in failures)
        advice = "They are nested too deeply." if deep else "Check the permissions."
        raise Refusal(Reason.NO_INPUT, f"{len(failures)} folder(s) of the input cannot be read. {advice}")
    if not paths:
        raise Refusal(Reason.NO_INPUT, "The input folder holds no files. Give the folder of a DICOM study.")
    return sorted(paths)
