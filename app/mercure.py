"""mercure runs the app and sends on what lies at the top of the output folder; it does not look into sub-folders."""

import os
from pathlib import Path

VARIABLE = "MERCURE_OUT_DIR"
"""mercure sets it for every module."""


def called_by_mercure() -> bool:
    """Whether mercure started this process."""
    return bool(os.environ.get(VARIABLE))


def lift_objects(output: Path) -> None:
    """Move every DICOM object of a finished run to the top of the output folder, under its path as one name.

    `result.json` is moved by nobody: mercure reads it at the top.

    Args:
        output: the output folder, which no other run uses.
    """
    for path in sorted(output.rglob("*.dcm")):
        if path.parent != output:
            path.rename(output / "_".join(path.relative_to(output).parts))
    for folder in sorted((path for path in output.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
