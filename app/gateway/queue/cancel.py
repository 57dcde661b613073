"""Cancels a job on request. The gateway may be running: it finds the request as a file in the folder of the job."""

from contextlib import suppress

from app.gateway.queue.spool import Job, Spool, State

REASON = "cancelled"

_REQUEST_FILE = "cancel"
_UNDER_WAY = (State.QUEUED, State.PROCESSING, State.SENDING)


def cancel_job(spool: Spool, name: str) -> bool:
    """Ask for a job to be cancelled: its run is ended, its result is sent no further, and it goes to dead-letter.

    Args:
        spool: the queue.
        name: of a job that is queued, processing or sending.

    Returns:
        Whether there is such a job.
    """
    for state in _UNDER_WAY:
        for job in spool.jobs(state) if (spool.folder / state.value).is_dir() else ():
            if job.name == name:
                with suppress(FileNotFoundError):  # the gateway has just moved it to the next state
                    (job.folder / _REQUEST_FILE).touch(mode=0o600)
                    return True
    return False


def is_cancelled(job: Job) -> bool:
    """Whether cancelling was requested."""
    return (job.folder / _REQUEST_FILE).exists()


def remove_cancel_request(job: Job) -> None:
    """Remove the request, for a job that is queued again."""
    (job.folder / _REQUEST_FILE).unlink(missing_ok=True)
