"""Finds the checkpoint to resume from, and keeps a new run out of the folder of an old one."""

import re
from pathlib import Path

_EPOCH = re.compile(r"checkpoint_epoch=(\d+)\.pt$")


def latest_checkpoint(directory: str | Path) -> str:
    """Return the checkpoint of the latest epoch in a run's folder.

    Raises:
        FileNotFoundError: when there is none.
    """
    found = _checkpoints(directory)
    if not found:
        raise FileNotFoundError(f"No checkpoint_epoch=N.pt in {directory}: there is no run to resume there.")
    return str(found[max(found)])


def check_output(directory: str | Path, resume: bool) -> None:
    """Refuse to start a new run among the checkpoints of another, whose later epochs a resume would then take.

    Raises:
        FileExistsError: when the folder has checkpoints and the run is not to be resumed.
    """
    if not resume and _checkpoints(directory):
        raise FileExistsError(f"{directory} holds a run: go on with --resume True, or name another --output_dir.")


def _checkpoints(directory: str | Path) -> dict[int, Path]:
    return {int(match[1]): path for path in Path(directory).glob("*.pt") if (match := _EPOCH.search(path.name))}
