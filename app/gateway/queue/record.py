"""What is recorded of a job beside its state: job.json in its folder, and one file for each target. No patient data."""

import dataclasses
import logging
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import ConfigDict, TypeAdapter

from app.gateway.queue.durable import write_json

logger = logging.getLogger(__name__)


@dataclass
class Record:
    """A dataclass stored as a JSON file; a damaged or missing file counts as a new record."""

    __pydantic_config__ = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)  # "1" for a 1 is damage too

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the record, or start one."""
        try:
            return _checker(cls).validate_json(path.read_bytes())  # type: ignore[arg-type]  # a class is hashable
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError) as error:
            logger.warning("A record in the queue was damaged and is reset: %s", type(error).__name__)
            return cls()

    def write(self, path: Path) -> None:
        """Write the record; on the disk when this returns."""
        write_json(path, dataclasses.asdict(self))


@cache
def _checker(record: type[Record]) -> TypeAdapter:
    return TypeAdapter(record)


WHOLE_SERIES_NEEDED = "whole_series_needed"
"""Reason of a job that is a part of a series whose other slices are deleted."""


@dataclass
class JobRecord(Record):
    """job.json.

    Attributes:
        attempts: runs of the app that began and did not end well.
        not_before_s: earliest next run, seconds since the epoch.
        reason: why the last run or the delivery failed; a reason code of the app if there is one. None during a run.
        failed_in: "processing" or "sending", where it lies in the dead-letter folder.
        ended_s: when it reached its last state, seconds since the epoch.
        superseded: a later job of the same series replaces it.
        withdrawn: a rejection note for what was sent of its result is queued.
        is_whole: it was queued again by hand although it lacks slices of an earlier job: they were removed on purpose.
    """

    attempts: int = 0
    not_before_s: float = 0.0
    reason: str | None = None
    failed_in: str | None = None
    ended_s: float | None = None
    superseded: bool = False
    withdrawn: bool = False
    is_whole: bool = False

    @staticmethod
    def path(folder: Path) -> Path:
        """Where it lies in the folder of a job."""
        return folder / "job.json"


@dataclass
class DeliveryRecord(Record):
    """delivery-<target>.json.

    Attributes:
        attempts: tries that failed.
        not_before_s: earliest next try, seconds since the epoch.
        started: a try has begun: the target may have a part of the result.
        sent: the target has everything.
        given_up: there will be no further try.
        reason: why the last try failed.
        transaction_uid: storage commitment was asked for under this UID and is waited for.
        asked_s: when it was asked for, seconds since the epoch.
    """

    attempts: int = 0
    not_before_s: float = 0.0
    started: bool = False
    sent: bool = False
    given_up: bool = False
    reason: str | None = None
    transaction_uid: str | None = None
    asked_s: float = 0.0

    @property
    def may_have_some(self) -> bool:
        """Whether the target may have something of the result."""
        return self.started or self.sent or self.attempts > 0

    @staticmethod
    def path(folder: Path, target: str) -> Path:
        """Where it lies in the folder of a job."""
        return folder / f"delivery-{target}.json"


def is_due(not_before_s: float, longest_wait_s: float) -> bool:
    """Whether a waiting time is over; a clock that was set back cannot make it longer than the longest wait."""
    now_s = time.time()
    return not now_s < not_before_s <= now_s + longest_wait_s
