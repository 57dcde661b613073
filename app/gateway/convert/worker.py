"""Runs the app on the queued jobs, one after the other."""

import logging
import shutil
import threading
import time

from app.gateway.convert.app_run import RunResult, Verdict, run_app
from app.gateway.convert.supersede import EarlierResults
from app.gateway.metrics import Metrics
from app.gateway.queue.cancel import REASON as CANCELLED
from app.gateway.queue.cancel import is_cancelled
from app.gateway.queue.own_output import OwnOutput
from app.gateway.queue.record import WHOLE_SERIES_NEEDED, JobRecord, is_due
from app.gateway.queue.results import LOG_FILE, result_files
from app.gateway.queue.spool import Job, Spool, State
from app.gateway.settings import WorkerSettings
from operators.durable import sync_tree

logger = logging.getLogger(__name__)

_POLL_S = 0.3
_AFTER_ERROR_S = 5.0
_LONGEST_WAIT_S = 3600.0
_GATEWAY_DIED = "gateway_died"


class Worker(threading.Thread):
    """The one worker: a GPU, or the memory of a machine, takes one series at a time.

    Args:
        spool: opened queue.
        settings: how the app is run.
        own: records each result before it is sent.
        earlier: withdraws the results that a new one supersedes.
        metrics: counters.
    """

    def __init__(
        self, spool: Spool, settings: WorkerSettings, own: OwnOutput, earlier: EarlierResults, metrics: Metrics
    ) -> None:
        super().__init__(name="worker", daemon=True)
        self._spool = spool
        self._settings = settings
        self._own = own
        self._earlier = earlier
        self._metrics = metrics
        self._stopping = threading.Event()
        self._interrupt = threading.Event()

    def stop(self, grace_s: float) -> None:
        """Begin no new job; give the current one some time to end, then put it back into the queue.

        Args:
            grace_s: time for the current job to end.
        """
        self._stopping.set()
        if self.is_alive():
            self.join(grace_s)
        self._interrupt.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        """Work until stopped."""
        while not self._stopping.is_set():
            try:
                self._requeue_interrupted()
                job = self._next()
                if job is not None:
                    self._process(job)
                    continue
            except Exception as error:  # a failed job must not end the worker
                self._metrics.errors.labels("worker").inc()
                logger.error("Error in the worker: %s. The worker continues", type(error).__name__)
                self._stopping.wait(_AFTER_ERROR_S)
            self._stopping.wait(_POLL_S)

    def _next(self) -> Job | None:
        """The oldest job that is due; one that a newer job contains is dropped."""
        queued = self._spool.jobs(State.QUEUED)
        for job in queued:
            if is_cancelled(job):
                return job
            if not is_due(JobRecord.read(JobRecord.path(job.folder)).not_before_s, _LONGEST_WAIT_S):
                continue
            newer = [other for other in queued if other.key == job.key and other.name > job.name]
            if any(job.object_names() <= other.object_names() for other in newer):
                logger.info("Job %s: deleted, since a newer job has all its objects", job.name)
                self._spool.delete(job)
                continue
            return job
        return None

    def _process(self, job: Job) -> None:
        record = JobRecord.read(JobRecord.path(job.folder))
        if is_cancelled(job):
            self._end_without_result(job, record, RunResult(Verdict.INTERRUPTED))
            return
        if self._has_used_all_runs(record):
            self._end_without_result(job, record, RunResult(Verdict.FAILED, _GATEWAY_DIED))
            return
        job = self._spool.move(job, State.PROCESSING)
        record.attempts += 1  # before the run: a run that crashes the whole gateway is counted too
        record.reason = None  # a run that ends sets a reason; if there is none, the gateway died during the run
        record.write(JobRecord.path(job.folder))
        if not record.is_whole and self._earlier.lacks_deleted_objects(job):
            logger.warning(
                "Job %s: not complete, and its other slices are no longer on this disk; send the whole series again",
                job.name,
            )
            self._end_without_result(job, record, RunResult(Verdict.REFUSED, WHOLE_SERIES_NEEDED))
            return
        shutil.rmtree(job.result, ignore_errors=True)
        logger.info("Job %s: run %d of the app started", job.name, record.attempts)
        start_s = time.monotonic()
        result = run_app(
            job.objects,
            job.result,
            job.folder / LOG_FILE,
            settings=self._settings,
            interrupt=lambda: self._interrupt.is_set() or is_cancelled(job),
        )
        seconds = time.monotonic() - start_s
        self._metrics.runs.labels(result.verdict.value).inc()
        logger.info("Job %s: %s after %.1f s%s", job.name, result.verdict.value, seconds, _reason_suffix(result))
        if result.verdict is Verdict.OK:
            self._metrics.run_seconds.observe(seconds)
            self._earlier.withdraw_superseded(job)
            sync_tree(job.result)
            self._own.add_results(result_files(job.result))
            self._move_to_sending(job)
        else:
            self._end_without_result(job, record, result)

    def _move_to_sending(self, job: Job) -> None:
        """Move the job to SENDING, unless a later job of the series has replaced it."""
        with self._spool.lock:
            later = [other.name for other in self._spool.jobs_of(job.key) if other.name > job.name]
            if not later:
                self._spool.move(job, State.SENDING)
                return
            self._spool.delete(job)
        logger.info("Job %s: result not sent, since job %s replaces it", job.name, later[-1])

    def _has_used_all_runs(self, record: JobRecord) -> bool:
        """Whether a job has used all its runs: the gateway died during the last one, and it must not run for ever."""
        return record.attempts >= self._settings.attempts and record.reason is None

    def _end_without_result(self, job: Job, record: JobRecord, result: RunResult) -> None:
        """Record why there is no result, and move the job to its next state."""
        path = JobRecord.path(job.folder)
        record.reason = result.reason or result.verdict.value
        if is_cancelled(job):
            record.reason, record.failed_in = CANCELLED, State.PROCESSING.value
            record.ended_s = time.time()
            state = State.DEAD_LETTER
            logger.info("Job %s: cancelled, now in dead-letter", job.name)
        elif result.verdict is Verdict.INTERRUPTED:
            record.attempts -= 1
            state = State.QUEUED
        elif result.verdict is Verdict.REFUSED:
            self._metrics.refusals.labels(result.reason).inc()
            record.ended_s = time.time()
            state = State.REFUSED
        elif record.attempts < self._settings.attempts:
            record.not_before_s = time.time() + min(self._settings.wait_s * 2 ** (record.attempts - 1), _LONGEST_WAIT_S)
            state = State.QUEUED
        else:
            record.failed_in = State.PROCESSING.value
            record.ended_s = time.time()
            state = State.DEAD_LETTER
            logger.error(
                "Job %s: no result after %d run(s)%s, now in dead-letter",
                job.name,
                record.attempts,
                _reason_suffix(result),
            )
        if state is not State.QUEUED:
            self._withdraw_earlier(job)
        record.write(path)
        self._spool.move(job, state)

    def _requeue_interrupted(self) -> None:
        """Put back a job that an unexpected error left in processing, with the waiting time of a failed run."""
        for job in self._spool.jobs(State.PROCESSING):
            try:
                record = JobRecord.read(JobRecord.path(job.folder))
                self._end_without_result(job, record, RunResult(Verdict.FAILED, "gateway_error"))
            except Exception as error:  # for example a full disk: a rename needs no space
                logger.error(
                    "Job %s is queued again, but its record cannot be written: %s", job.name, type(error).__name__
                )
                self._spool.move(job, State.QUEUED)

    def _withdraw_earlier(self, job: Job) -> None:
        try:
            self._earlier.withdraw_superseded(job)
        except Exception as error:  # the job must end even so
            self._metrics.errors.labels("worker").inc()
            logger.error("Job %s: earlier results of the series cannot be replaced: %s", job.name, type(error).__name__)


def _reason_suffix(result: RunResult) -> str:
    return f" ({result.reason})" if result.reason else ""
