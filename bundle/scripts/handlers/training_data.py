"""What a run is trained on, recorded in its checkpoints: a run that is resumed with other data is refused."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_VOLUMES = ("ncct", "cta")
_SAMPLE_BYTES = 4096


class TrainingData:
    """Part of a run's state that only loads what was saved with the same training data.

    It records no patient's name and no path, so that data may move: the name of each datalist's folder with its number
    of patients, and a digest of all patients in their order, of their volumes the size and a piece from the middle.

    Args:
        patients: records of the training split, from `scripts.data.patients`.
    """

    def __init__(self, patients: Sequence[dict]) -> None:
        self._cohorts = dict(Counter(record["cohort"] for record in patients))
        self._digest = cohort_digest(patients)

    def state_dict(self) -> dict[str, Any]:
        return {"cohorts": self._cohorts, "digest": self._digest}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Compare.

        Raises:
            ValueError: when these are not the data of the checkpoint.
        """
        difference = self.difference(state)
        if difference:
            raise ValueError(
                f"The run was trained on {difference}. To resume the run, give its command, with its --datalist, and "
                "--resume True. For other data start a new run from its weights: --pretrained RUN/model.pt and "
                "another --output_dir, without --resume."
            )

    def difference(self, state: Mapping[str, Any]) -> str | None:
        """Say how these data differ from those of a checkpoint; None when they are the same."""
        if state["digest"] == self._digest:
            return None
        return f"{_description(state)}; these are {_description(self.state_dict())}"


def _description(state: Mapping[str, Any]) -> str:
    cohorts = " and ".join(f"{name!r} (patients: {count})" for name, count in state["cohorts"].items())
    return f"{cohorts}, digest {state['digest'][:8]}"


def cohort_digest(patients: Sequence[dict]) -> str:
    """Digest of patients in their order; see `TrainingData`."""
    digest = hashlib.sha256()
    for record in patients:
        digest.update(repr((record["patient"], *(_sample(Path(record[key])) for key in _VOLUMES))).encode())
    return digest.hexdigest()


def _sample(path: Path) -> tuple[int, bytes]:
    """Size of a file and a piece from its middle: enough to distinguish volumes without reading them whole."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(size // 2)
        return size, file.read(_SAMPLE_BYTES)
