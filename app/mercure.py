"""mercure runs the app and forwards the files at the top of the output folder; it does not read sub-folders."""

import os
from pathlib import Path

from operators.durable import sync_folder

VARIABLE = "MERCURE_OUT_DIR"
"""mercure sets it for every module."""


def called_by_mercure() -> bool:
    """Whether mercure started this process."""
    return bool(os.environ.get(VARIABLE))


def lift_objects(output: Path) -> None:
    """Move every DICOM object of a finished run to the top of the output folder; its path becomes its file name.

    All or nothing: after a failure each object is back in its folder, or mercure would forward a part of the result.
    `result.json` stays: mercure reads it at the top.

    Args:
        output: the output folder, which no other run uses.

    Raises:
        OSError: when one cannot be moved.
    """
    names = {path: output / "_".join(path.relative_to(output).parts) for path in sorted(output.rglob("*.dcm"))}
    if len(set(names.values())) < len(names):  # a rename would replace one by the other
        raise FileExistsError("two objects would have the same file name in the output folder")
    lifted: list[tuple[Path, Path]] = []
    try:
        for path, top in names.items():
            lifted.append((path, top))
            path.rename(top)
        sync_folder(output)
    except BaseException:  # also an interrupt
        for path, top in reversed(lifted):
            if top.exists():
                top.rename(path)
        raise
    for folder in sorted((path for path in output.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
