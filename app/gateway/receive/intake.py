"""Collects received objects by series and decides when a series is complete.

DICOM has no word for "that was the last slice". A series counts as complete when no object of it came for a while; the
while is longer when its sender was cut off (it will try again) or still holds its association open.
"""

import filecmp
import logging
import os
import threading
import time
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from app.gateway.queue.durable import sync_folder
from app.gateway.queue.spool import Job, Spool, State, hashed
from app.gateway.settings import QueueSettings

logger = logging.getLogger(__name__)

OBJECT_SUFFIX = ".dcm"

_FAILED = (State.REFUSED, State.DEAD_LETTER)


@dataclass(frozen=True)
class ObjectIdentity:
    """What tells an object apart.

    Attributes:
        study_uid: Study Instance UID, not empty.
        series_uid: Series Instance UID, not empty.
        instance_uid: SOP Instance UID, not empty.
    """

    study_uid: str
    series_uid: str
    instance_uid: str


class Completed(Enum):
    """What became of a series that is complete."""

    QUEUED = "queued"
    EXTENDED = "extended"  # an earlier job had some of its objects: the new job has all of them
    REPLACED = "replaced"  # the same, and an earlier job was refused or in dead-letter: it is gone
    REPEATED = "repeated"  # an earlier job has all of its objects: nothing to do


@dataclass
class _OpenSeries:
    """A series that may still grow; times by the monotonic clock, associations by an id of the DICOM node."""

    job: Job
    last_arrival_s: float
    writers: int = 0
    open_associations: set[int] = field(default_factory=set)
    cut_associations: set[int] = field(default_factory=set)


_BEFORE_START = -1
"""Stands for the associations that the end of an earlier process cut off."""


class Intake:
    """Takes objects into the spool and queues complete series.

    Args:
        spool: opened queue.
        settings: waiting times and what makes a job.
    """

    def __init__(self, spool: Spool, settings: QueueSettings) -> None:
        self._spool = spool
        self._settings = settings
        self._lock = threading.Lock()
        self._open: dict[str, _OpenSeries] = {}
        for job in spool.jobs(State.INCOMING):
            if job.object_names():
                self._adopt(job)
            else:  # the process ended before the first object was kept, perhaps before there was a folder for it
                spool.delete(job)

    def take_in(self, received: Path, identity: ObjectIdentity, association: int) -> bool:
        """Keep an object; it is on the disk when this returns.

        Args:
            received: file in the scratch folder; gone afterwards.
            identity: which object it is.
            association: id of the association that brought it.

        Returns:
            Whether it is new in its series.
        """
        uids = [identity.study_uid] + [identity.series_uid] * (self._settings.unit == "series")
        key = hashed(*uids)
        with self._lock:
            series = self._open.get(key)
            if series is None:
                series = self._open[key] = _OpenSeries(self._spool.new_job(key), time.monotonic())
            series.writers += 1
            series.open_associations.add(association)
            series.cut_associations.clear()  # the sender came back
        try:
            return self._spool.take_in(received, series.job, hashed(identity.instance_uid) + OBJECT_SUFFIX)
        finally:
            with self._lock:
                series.writers -= 1
                series.last_arrival_s = time.monotonic()

    def association_ended(self, association: int, *, released: bool) -> None:
        """Note that an association is over.

        Args:
            association: its id.
            released: whether the sender ended it in good order; a later word of it corrects an earlier one.
        """
        with self._lock:
            for series in self._open.values():
                if association in series.open_associations | series.cut_associations:
                    series.open_associations.discard(association)
                    series.cut_associations.discard(association)
                    if not released:
                        series.cut_associations.add(association)

    def complete_series(self) -> list[Completed]:
        """Queue every series that is complete by now."""
        now_s = time.monotonic()
        with self._lock:
            complete = {key: series for key, series in self._open.items() if self._is_complete(series, now_s)}
            for key in complete:
                del self._open[key]  # an object that comes from now on starts a new job
        return [self._complete_or_keep(key, series) for key, series in complete.items()]

    @property
    def open_series(self) -> int:
        """Number of series that may still grow."""
        return len(self._open)

    def _is_complete(self, series: _OpenSeries, now_s: float) -> bool:
        if series.writers:
            return False
        if series.open_associations:
            wait_s = self._settings.quiet_open_association_s
        elif series.cut_associations:
            wait_s = self._settings.quiet_after_abort_s
        else:
            wait_s = self._settings.quiet_s
        return now_s - series.last_arrival_s >= wait_s

    def _complete_or_keep(self, key: str, series: _OpenSeries) -> Completed:
        try:
            return self._complete(series)
        except OSError:  # a full disk: the series stays open and is tried again
            with self._lock:
                self._open.setdefault(key, series)
            raise

    def _complete(self, series: _OpenSeries) -> Completed:
        job = series.job
        names = job.object_names()
        with self._spool.lock:
            earlier = self._spool.jobs_of(job.key)
            known = next((other for other in earlier if _has_all(other, job)), None)
            if known is not None:
                self._spool.delete(job)
                logger.info("Job %s: %d objects came again (%s), left out", known.name, len(names), known.state.value)
                return Completed.REPEATED
            for other in reversed(earlier):  # the newest first: an object that was corrected counts as corrected
                self._add_from(other, job)
            replaced = [other for other in earlier if other.state in _FAILED]
            for other in replaced:
                self._spool.delete(other)
            queued = self._spool.move(job, State.QUEUED)
        cut = ", the last sender was cut off" if series.cut_associations or series.open_associations else ""
        logger.info("Job %s: %d objects queued%s", queued.name, len(queued.object_names()), cut)
        for other in replaced:
            logger.info("Job %s: replaced by job %s (%s)", other.name, queued.name, other.state.value)
        if replaced:
            return Completed.REPLACED
        return Completed.EXTENDED if earlier else Completed.QUEUED

    def _add_from(self, earlier: Job, job: Job) -> None:
        """Late objects: the new job also gets what an earlier one of the same series has, so that it is whole."""
        for name in earlier.object_names() - job.object_names():
            os.link(earlier.objects / name, job.objects / name)
        sync_folder(job.objects)

    def _adopt(self, job: Job) -> None:
        """Go on with a series of an earlier process: its sender was cut off."""
        series = _OpenSeries(job, time.monotonic(), cut_associations={_BEFORE_START})
        known = self._open.setdefault(job.key, series)
        if known is not series:  # the process ended between completing one job of the series and queueing it
            self._complete(known)
            self._open[job.key] = series


def _has_all(earlier: Job, job: Job) -> bool:
    """Whether an earlier job has all objects of a job; a failed one must have the very bytes.

    A sender that mends a series after its failure may keep the SOP Instance UIDs.
    """
    names = job.object_names()
    if not names <= earlier.object_names():
        return False
    return earlier.state not in _FAILED or all(
        filecmp.cmp(earlier.objects / name, job.objects / name, shallow=False) for name in names
    )
