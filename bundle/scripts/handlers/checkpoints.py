"""Finds the checkpoint to resume from."""

import re
from pathlib import Path

_EPOCH = re.compile(r"checkpoint_epoch=(\d+)\.pt$")


def latest_checkpoint(directory: str | Path) -> str:
    """Return the checkpoint of the latest epoch in a run's folder.

    Raises:
        FileNotFoundError: when there is none.
    """
    found = {int(match[1]): path for path in Path(directory).glob("*.pt") if (match := _EPOCH.search(path.name))}
    if not found:
        raise FileNotFoundError(f"No checkpoint_epoch=N.pt in {directory}: there is no run to resume there.")
    return str(found[max(found)])
