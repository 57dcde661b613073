"""Collects received objects by series and decides when a series is complete.

DICOM has no message for "that was the last slice". A series counts as complete when no object of it arrived for some
time; this time is longer when its sender was cut off (it will try again) or still holds its association open.

Slices that come late, or once more with other bytes (a correction), make a new job with all objects, the latest version
of each. It replaces the earlier jobs of the series: `convert.supersede` withdraws their results.
"""

import filecmp
import logging
import os
import threading
import time
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from app.gateway.queue.deleted_results import deleted_results_of, digest
from app.gateway.queue.record import DeliveryRecord, JobRecord
from app.gateway.queue.spool import Job, Spool, State, StoreOutcome, hashed
from app.gateway.settings import QueueSettings
from operators.durable import sync_folder

logger = logging.getLogger(__name__)

OBJECT_SUFFIX = ".dcm"

_AFTER_ERROR_S = 2.0


@dataclass(frozen=True)
class ObjectIdentity:
    """The UIDs that identify an object.

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
    EXTENDED = "extended"  # slices that come late: the new job has those of the earlier jobs too
    CORRECTED = "corrected"  # an earlier job has other bytes for some objects: the later ones are used
    REPEATED = "repeated"  # the latest job has all of its objects: nothing to do


@dataclass
class _OpenSeries:
    """A series that may still grow; times by the monotonic clock, associations by an id of the DICOM node."""

    job: Job
    last_arrival_s: float
    writers: int = 0
    open_associations: set[int] = field(default_factory=set)
    aborted_associations: set[int] = field(default_factory=set)
    not_before_s: float = 0.0


_BEFORE_START = -1
"""Id for associations that were cut off by the end of an earlier process."""


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
        self._complete: list[_OpenSeries] = []  # no longer open and not in the queue yet, in the order of completion
        for job in spool.jobs(State.INCOMING):
            if job.object_names():
                self._reopen(job)
            else:  # the process ended before the first object was stored, perhaps before there was a folder for it
                spool.delete(job)

    def store_object(self, received: Path, identity: ObjectIdentity, association: int) -> StoreOutcome | None:
        """Store an object; it is on the disk when this returns.

        Args:
            received: file in the scratch folder; gone afterwards.
            identity: which object it is.
            association: id of the association that brought it.

        Returns:
            What was done with it; None if it is a correction and the site accepts none.
        """
        uids = [identity.study_uid] + [identity.series_uid] * (self._settings.unit == "series")
        key, name = hashed(*uids), hashed(identity.instance_uid) + OBJECT_SUFFIX
        if self._settings.corrections == "refuse" and self._corrects(received, key, name):
            return None
        with self._lock:
            series = self._open.get(key)
            if series is None:
                series = self._open[key] = _OpenSeries(self._spool.new_job(key), time.monotonic())
            series.writers += 1
            series.open_associations.add(association)
            series.aborted_associations.clear()  # the sender came back
        try:
            return self._spool.store_object(received, series.job, name)
        finally:
            with self._lock:
                series.writers -= 1
                series.last_arrival_s = time.monotonic()

    def _corrects(self, received: Path, key: str, name: str) -> bool:
        """Whether the latest version of an object that is known has other bytes."""
        with self._lock:
            series = self._open.get(key)
            waiting = [other.job for other in self._complete if other.job.key == key]
        with self._spool.lock:
            jobs = [*self._spool.jobs_of(key), *waiting, *([series.job] if series else [])]
            known = [job.objects / name for job in jobs if (job.objects / name).exists()]
            if known:
                return not filecmp.cmp(received, known[-1], shallow=False)
        earlier_digests = [
            deleted.sources[name] for deleted in deleted_results_of(self._spool, key) if name in deleted.sources
        ]
        return bool(earlier_digests) and digest(received) != earlier_digests[-1]

    def association_ended(self, association: int, *, released: bool) -> None:
        """Record that an association has ended.

        Args:
            association: its id.
            released: whether the sender released it in good order; a later call corrects an earlier one.
        """
        with self._lock:
            for series in self._open.values():
                if association in series.open_associations | series.aborted_associations:
                    series.open_associations.discard(association)
                    series.aborted_associations.discard(association)
                    if not released:
                        series.aborted_associations.add(association)

    def complete_series(self) -> list[Completed]:
        """Queue every series that is complete by now; one that cannot be queued is tried again and holds up no other.

        Returns:
            What became of each series that left.
        """
        now_s = time.monotonic()
        with self._lock:
            for key in [key for key, series in self._open.items() if self._is_complete(series, now_s)]:
                self._complete.append(self._open.pop(key))  # an object that comes from now on starts a new job
        outcomes = []
        held = set()
        for series in list(self._complete):
            if series.job.key in held or time.monotonic() < series.not_before_s:
                held.add(series.job.key)  # a later job of the series must not come before it
                continue
            try:
                if series.job.folder.is_dir():
                    outcomes.append(self._queue(series))
                else:
                    logger.error("The folder of job %s is missing", series.job.name)
            except Exception as error:  # for example a full disk
                logger.error("Job %s cannot be queued yet: %s", series.job.name, type(error).__name__)
                series.not_before_s = time.monotonic() + _AFTER_ERROR_S
                held.add(series.job.key)
                continue
            with self._lock:
                self._complete.remove(series)
        return outcomes

    @property
    def open_series(self) -> int:
        """Number of series that are not queued yet."""
        return len(self._open) + len(self._complete)

    def _is_complete(self, series: _OpenSeries, now_s: float) -> bool:
        if series.writers:
            return False
        if series.open_associations:
            wait_s = self._settings.quiet_open_association_s
        elif series.aborted_associations:
            wait_s = self._settings.quiet_after_abort_s
        else:
            wait_s = self._settings.quiet_s
        return now_s - series.last_arrival_s >= wait_s

    def _queue(self, series: _OpenSeries) -> Completed:
        job = series.job
        with self._spool.lock:
            earlier = self._spool.jobs_of(job.key)
            latest = earlier[-1] if earlier else None
            corrected = latest is not None and _differ(latest, job)
            if latest is not None and not corrected and job.object_names() <= latest.object_names():
                number = len(job.object_names())
                self._spool.delete(job)
                logger.info(
                    "Job %s (%s): the same %d objects were received again and are ignored",
                    latest.name,
                    latest.state.value,
                    number,
                )
                return Completed.REPEATED
            if latest is None and any(
                m.repeats(job) for m in deleted_results_of(self._spool, job.key) if not m.withdrawn
            ):
                number = len(job.object_names())
                self._spool.delete(job)
                logger.info("%d objects of a series that was sent long ago were received again and are ignored", number)
                return Completed.REPEATED
            for other in reversed(earlier):  # the latest first: an object that was corrected counts as corrected
                self._add_from(other, job)
            for other in earlier:
                self._supersede(other, job)
            queued = self._spool.move(job, State.QUEUED)
        cut = (
            ", the last association ended without release"
            if series.aborted_associations or series.open_associations
            else ""
        )
        logger.info("Job %s: %d objects queued%s", queued.name, len(queued.object_names()), cut)
        if corrected:
            return Completed.CORRECTED
        return Completed.EXTENDED if earlier else Completed.QUEUED

    def _add_from(self, earlier: Job, job: Job) -> None:
        """Late objects: add those of an earlier job of the same series, so that the new job is complete."""
        for name in earlier.object_names() - job.object_names():
            os.link(earlier.objects / name, job.objects / name)
        sync_folder(job.objects)

    def _supersede(self, earlier: Job, job: Job) -> None:
        """Stop sending an earlier job. A job that waits for the app or runs is left to the worker."""
        if earlier.state in (State.QUEUED, State.PROCESSING):
            return
        record = JobRecord.read(JobRecord.path(earlier.folder))
        if record.superseded:
            return
        logger.info("Job %s: replaced by job %s (was in %s)", earlier.name, job.name, earlier.state.value)
        if not any(DeliveryRecord.read(path).may_have_some for path in earlier.folder.glob("delivery-*.json")):
            self._spool.delete(earlier)  # no target has any of it
            return
        record.superseded, record.ended_s = True, record.ended_s or time.time()
        record.write(JobRecord.path(earlier.folder))
        if earlier.state is not State.DONE:
            self._spool.move(earlier, State.DONE)

    def _reopen(self, job: Job) -> None:
        """Continue with a series from an earlier process: its sender was cut off."""
        known = self._open.pop(job.key, None)
        if known is not None:  # the process ended between completing one job of the series and queueing it
            self._complete.append(known)
        self._open[job.key] = _OpenSeries(job, time.monotonic(), aborted_associations={_BEFORE_START})


def _differ(earlier: Job, job: Job) -> bool:
    """Whether two jobs have other bytes under the same SOP Instance UID."""
    return any(
        not filecmp.cmp(earlier.objects / name, job.objects / name, shallow=False)
        for name in earlier.object_names() & job.object_names()
    )
