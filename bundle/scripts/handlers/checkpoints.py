"""Checkpoints of a run: written whole, found again, and kept apart from those of another run."""

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events

from scripts.files import save_whole
from scripts.handlers.training_data import TrainingData

logger = logging.getLogger(__name__)

_EPOCH = re.compile(r"checkpoint_epoch=(\d+)\.pt")


class Checkpoints:
    """Write checkpoint_epoch=N.pt, everything a run needs to go on.

    MONAI's `CheckpointSaver` writes in place, so that a run killed meanwhile leaves half a file under the name of a
    whole one, and it forgets the older files when a run is resumed. ignite's `DiskSaver` can replace a file at once,
    but not flush it to the disk first. With several processes the first one writes.

    Args:
        directory: the run's folder.
        state: what to save: objects with `state_dict`, by name; None for what a run does not have.
        interval: epochs between checkpoints; the last epoch always has one.
        latest: how many checkpoints stay.
    """

    def __init__(self, directory: str | Path, state: Mapping[str, Any], interval: int = 1, latest: int = 2) -> None:
        self.directory = Path(directory)
        self.state = {name: part for name, part in state.items() if part is not None}
        self.interval = interval
        self.latest = latest

    def attach(self, engine: Engine) -> None:
        """Attach to a trainer, after the handlers that change the state at the end of an epoch."""
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._save_if_due)

    def save(self, engine: Engine) -> None:
        """Write the checkpoint of the engine's epoch, which may be unfinished."""
        if idist.get_rank() > 0:
            return
        path = self.directory / f"checkpoint_epoch={engine.state.epoch}.pt"
        save_whole({name: part.state_dict() for name, part in self.state.items()}, path)
        found = _checkpoints(self.directory)
        for epoch in sorted(found)[: -self.latest]:
            found[epoch].unlink()
        logger.info("Wrote %s", path.name)

    def _save_if_due(self, engine: Engine) -> None:
        state = engine.state
        if state.epoch % self.interval == 0 or state.epoch == state.max_epochs:
            self.save(engine)


def latest_checkpoint(directory: str | Path) -> str:
    """Return the checkpoint of the latest epoch in a run's folder.

    Raises:
        FileNotFoundError: when there is none.
    """
    found = _checkpoints(directory)
    if not found:
        raise FileNotFoundError(
            f"No checkpoint_epoch=N.pt in {directory}, so there is no run to resume. Give the folder of a run with "
            "--output_dir."
        )
    return str(found[max(found)])


def stage1_checkpoint(named: str | Path, training_data: TrainingData) -> str:
    """Return the checkpoint that stage 2 starts from; warn when stage 1 was not done or had other data.

    Args:
        named: the checkpoint, or the folder of stage 1's run, whose latest is taken.
        training_data: of stage 2.

    Raises:
        FileNotFoundError: when there is none.
    """
    found = {0: Path(named)} if Path(named).is_file() else _checkpoints(named)
    if not found:
        raise FileNotFoundError(
            f"Stage 2 starts from a checkpoint of stage 1, but there is no checkpoint_epoch=N.pt at {named}. Run stage "
            "1 first (configs/train.yaml), or give its output folder or one of its checkpoints with --stage1."
        )
    path = found[max(found)]
    state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)  # no weights are read for this
    trainer = state["trainer"]
    steps = trainer["max_epochs"] * trainer["epoch_length"]
    if trainer["iteration"] < steps:
        logger.warning("Stage 1 was stopped at step %d of %d: %s.", trainer["iteration"], steps, path.name)
    difference = training_data.difference(state["training_data"])
    if difference:
        logger.warning("Stage 1 was trained on %s.", difference)
    return str(path)


def holds_run(directory: str | Path) -> bool:
    """Whether a folder has checkpoints of a run that can be resumed."""
    return bool(_checkpoints(directory))


def check_output(directory: str | Path, resume: bool) -> None:
    """Refuse to start a new run among the checkpoints of another, whose later epochs a resume would then take.

    Raises:
        FileExistsError: when the folder has checkpoints and the run is not to be resumed.
    """
    if not resume and holds_run(directory):
        raise FileExistsError(
            f"{directory} holds a run. To resume it, give its command with --resume True added. For a new run give "
            "another --output_dir."
        )


def _checkpoints(directory: str | Path) -> dict[int, Path]:
    return {int(match[1]): path for path in Path(directory).glob("*.pt") if (match := _EPOCH.fullmatch(path.name))}
