"""Deletes jobs that have ended long ago: the queue folder holds patient data and must not become an archive.

For a result that was sent, what a correction needs is recorded for longer.
"""

import logging
import time

from app.gateway.queue.deleted_results import delete_old_records, record_deleted_result
from app.gateway.queue.record import JobRecord
from app.gateway.queue.spool import Job, Spool, State
from app.gateway.settings import RetentionSettings

logger = logging.getLogger(__name__)

_HOUR_S = 3600.0


def delete_expired(spool: Spool, settings: RetentionSettings) -> int:
    """Delete jobs whose retention time is over.

    Args:
        spool: opened queue.
        settings: retention time of each state; 0 keeps jobs for ever.

    Returns:
        Number of jobs deleted.
    """
    deleted = 0
    for state, hours in (
        (State.DONE, settings.done_hours),
        (State.REFUSED, settings.refused_hours),
        (State.DEAD_LETTER, settings.dead_letter_hours),
    ):
        if hours == 0:
            continue
        for job in spool.jobs(state):
            try:
                if _is_expired(spool, job, hours * _HOUR_S):
                    record_deleted_result(spool, job)
                    spool.delete(job)
                    deleted += 1
            except Exception as error:  # for example, the job was just queued again; the others must not wait
                logger.error("Job %s cannot be deleted yet: %s", job.name, type(error).__name__)
    delete_old_records(spool, settings.corrections_days)
    if deleted:
        logger.info("%d job(s) deleted: their retention time is over", deleted)
    return deleted


def _is_expired(spool: Spool, job: Job, longest_s: float) -> bool:
    record = JobRecord.read(JobRecord.path(job.folder))
    if time.time() - (record.ended_s or job.folder.stat().st_mtime) <= longest_s:
        return False
    if not record.superseded or record.withdrawn:
        return True
    # the job that replaces it withdraws its result when it is done
    return not any(other.state in (State.QUEUED, State.PROCESSING) for other in spool.jobs_of(job.key))
