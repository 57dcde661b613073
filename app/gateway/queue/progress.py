"""How far the run of a job is, from the last line of progress in the app's log."""

import re
from dataclasses import dataclass

from app.gateway.queue.results import LOG_FILE
from app.gateway.queue.spool import Job

_LINE = re.compile(rb"synthesize: (\d+) of (\d+) slabs(?:, (\d+) s left)?")
_TAIL_BYTES = 16384


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        done: slabs that are synthesised.
        total: slabs of the series.
        left_s: seconds until the last one; None before the first.
    """

    done: int
    total: int
    left_s: int | None

    @property
    def words(self) -> str:
        """For a person."""
        left = "" if self.left_s is None else f", {self.left_s} s left"
        return f"{self.done} of {self.total} slabs{left}"


def progress_of(job: Job) -> Progress | None:
    """Progress of a job in PROCESSING; None before the app's first progress line."""
    try:
        with (job.folder / LOG_FILE).open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - _TAIL_BYTES))
            found = _LINE.findall(log.read())
    except FileNotFoundError:
        return None
    if not found:
        return None
    done, total, left_s = found[-1]
    return Progress(int(done), int(total), int(left_s) if left_s else None)
