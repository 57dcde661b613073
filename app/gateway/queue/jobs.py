"""List jobs and queue them again. The gateway may be running."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pydicom

from app.gateway.queue.cancel import remove_cancel_request
from app.gateway.queue.deleted_results import record_deleted_result
from app.gateway.queue.record import WHOLE_SERIES_NEEDED, DeliveryRecord, JobRecord
from app.gateway.queue.spool import Job, Spool, State, hashed

ALL = "all"

_ENDED = (State.DEAD_LETTER, State.REFUSED, State.DONE)


def describe_jobs(
    spool: Spool, *, study_uid: str | None = None, series_uid: str | None = None
) -> Iterator[dict[str, Any]]:
    """One description for each job, without patient data.

    Args:
        spool: the queue.
        study_uid: only jobs of this study.
        series_uid: only jobs with objects of this series.
    """
    for state in State:
        if not (spool.folder / state.value).is_dir():
            continue
        for job in spool.jobs(state):
            if not _is_of(job, study_uid, series_uid):
                continue
            record = JobRecord.read(JobRecord.path(job.folder))
            yield {
                "job": job.name,
                "state": state.value,
                "objects": len(job.object_names()),
                "since": datetime.fromtimestamp(job.created_s, UTC).isoformat(timespec="seconds"),
                "attempts": record.attempts,
                "reason": record.reason,
                "superseded": record.superseded,
                "deliveries": {
                    path.stem.removeprefix("delivery-"): _status(DeliveryRecord.read(path))
                    for path in sorted(job.folder.glob("delivery-*.json"))
                },
            }


def retry_jobs(spool: Spool, which: str) -> int:
    """Queue ended jobs again.

    Where a target was given up, only sending starts again; otherwise the app runs again, and its result is sent to
    every target.

    Args:
        spool: the queue.
        which: name of a job that is refused, done or in dead-letter, or "all" for everything in dead-letter.

    A job that a later one of its series superseded stays where it is.

    Returns:
        Number of jobs queued again.
    """
    states = [state for state in _ENDED if (spool.folder / state.value).is_dir()]
    jobs = [
        job
        for state in states
        for job in spool.jobs(state)
        if job.name == which or (which == ALL and state is State.DEAD_LETTER)
    ]
    jobs = [job for job in jobs if not JobRecord.read(JobRecord.path(job.folder)).superseded]
    for job in jobs:
        _retry(spool, job)
    return len(jobs)


def _retry(spool: Spool, job: Job) -> None:
    record = JobRecord.read(JobRecord.path(job.folder))
    is_note = not job.objects.is_dir()  # a rejection note has nothing to convert
    only_send = is_note or record.failed_in == State.SENDING.value
    if not only_send:
        record_deleted_result(spool, job)  # the next result may differ (settings, weights), and then replaces this one
    for path in job.folder.glob("delivery-*.json"):
        if not (only_send and DeliveryRecord.read(path).sent):
            path.unlink()
    JobRecord(is_whole=record.is_whole or record.reason == WHOLE_SERIES_NEEDED).write(JobRecord.path(job.folder))
    remove_cancel_request(job)
    spool.move(job, State.SENDING if only_send else State.QUEUED)


def _is_of(job: Job, study_uid: str | None, series_uid: str | None) -> bool:
    if study_uid is None and series_uid is None:
        return True
    paths = [job.objects / name for name in sorted(job.object_names())]
    if not paths:
        return False
    study = _uid(paths[0], "StudyInstanceUID")
    if study_uid not in (None, study):
        return False
    if series_uid is None or job.key == hashed(study, series_uid):
        return True
    # with queue.unit study, a job has several series
    return job.key == hashed(study) and any(_uid(path, "SeriesInstanceUID") == series_uid for path in paths)


def _uid(path: Path, keyword: str) -> str:
    try:
        return str(pydicom.dcmread(path, stop_before_pixels=True, specific_tags=[keyword])[keyword].value)
    except FileNotFoundError:  # the gateway has moved the job; it is listed in its next state
        return ""


def _status(record: DeliveryRecord) -> str:
    if record.sent:
        return "sent"
    return f"{'given up' if record.given_up else 'waiting'}: {record.reason}"
