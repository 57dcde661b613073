"""Deletes jobs that have ended long ago: the queue folder holds patient data and must not become an archive."""

import logging
import time

from app.gateway.queue.record import JobRecord
from app.gateway.queue.spool import Spool, State
from app.gateway.settings import RetentionSettings

logger = logging.getLogger(__name__)

_HOUR_S = 3600.0


def delete_expired(spool: Spool, settings: RetentionSettings) -> int:
    """Delete what has lain long enough.

    Args:
        spool: opened queue.
        settings: how long each state is kept; 0 keeps it.

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
            ended_s = JobRecord.read(JobRecord.path(job.folder)).ended_s or job.folder.stat().st_mtime
            if time.time() - ended_s > hours * _HOUR_S:
                spool.delete(job)
                deleted += 1
    if deleted:
        logger.info("%d job(s) deleted after their time of retention", deleted)
    return deleted
