"""What is known of a job beside its state: job.json in its folder, and one file for each target. No patient data."""

import dataclasses
import json
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.gateway.queue.durable import write_json

logger = logging.getLogger(__name__)


@dataclass
class _Record:
    """A dataclass kept as a JSON file; a damaged or missing file counts as a fresh record."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the record, or start one."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(**content)
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, TypeError) as error:
            logger.warning("A record in the queue is damaged and was started anew: %s", type(error).__name__)
            return cls()

    def write(self, path: Path) -> None:
        """Write the record; on the disk when this returns."""
        write_json(path, dataclasses.asdict(self))


@dataclass
class JobRecord(_Record):
    """job.json.

    Attributes:
        attempts: runs of the app that began and did not end well.
        not_before_s: earliest next run, seconds since the epoch.
        reason: why the last run did not end well, or what a target failed of; a reason code of the app where there is
            one. None while a run is under way.
        failed_in: "processing" or "sending", where it lies in the dead-letter folder.
        ended_s: when it reached its last state, seconds since the epoch.
    """

    attempts: int = 0
    not_before_s: float = 0.0
    reason: str | None = None
    failed_in: str | None = None
    ended_s: float | None = None

    @staticmethod
    def path(folder: Path) -> Path:
        """Where it lies in the folder of a job."""
        return folder / "job.json"


@dataclass
class DeliveryRecord(_Record):
    """delivery-<target>.json.

    Attributes:
        attempts: tries that failed.
        not_before_s: earliest next try, seconds since the epoch.
        sent: the target has everything.
        given_up: no further try.
        reason: what the last try failed of.
    """

    attempts: int = 0
    not_before_s: float = 0.0
    sent: bool = False
    given_up: bool = False
    reason: str | None = None

    @staticmethod
    def path(folder: Path, target: str) -> Path:
        """Where it lies in the folder of a job."""
        return folder / f"delivery-{target}.json"


def is_due(not_before_s: float, longest_wait_s: float) -> bool:
    """Whether a waiting time is over; a clock that was set back cannot make it longer than the longest wait."""
    now_s = time.time()
    return not now_s < not_before_s <= now_s + longest_wait_s
