"""Sends results to the targets: one thread for each, so that a slow or dead target does not delay the others."""

import contextlib
import dataclasses
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydicom.uid import generate_uid

from app.gateway.metrics import Metrics
from app.gateway.queue.cancel import REASON as CANCELLED
from app.gateway.queue.cancel import is_cancelled
from app.gateway.queue.commitment_report import CommitmentReport
from app.gateway.queue.record import DeliveryRecord, JobRecord, is_due
from app.gateway.queue.results import result_files
from app.gateway.queue.spool import Job, Spool, State
from app.gateway.send.commitment import check_committed
from app.gateway.send.targets import DeliveryFailed, DeliveryStopped, Target
from app.gateway.settings import RetrySettings

logger = logging.getLogger(__name__)

_POLL_S = 0.3


@dataclasses.dataclass(frozen=True)
class _Stop:
    """Ends the sending of a job when the gateway stops, a later job supersedes it, or it is cancelled."""

    stopping: threading.Event
    job: Job

    def is_set(self) -> bool:
        return self.stopping.is_set() or not self.job.folder.is_dir() or is_cancelled(self.job)


class Delivery:
    """All targets of a gateway.

    Args:
        spool: opened queue.
        targets: who gets the results.
        retry: back-off.
        metrics: counters.
    """

    def __init__(self, spool: Spool, targets: Sequence[Target], retry: RetrySettings, metrics: Metrics) -> None:
        self._spool = spool
        self._targets = targets
        self._retry = retry
        self._metrics = metrics
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._deliver_to, args=(target,), name=f"delivery-{target.name}", daemon=True)
            for target in targets
        ]

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def stop(self, grace_s: float) -> None:
        """Stop after the object that is being sent; the rest is sent after the next start.

        Args:
            grace_s: how long to wait for a peer that does not answer.
        """
        self._stopping.set()
        end_s = time.monotonic() + grace_s
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, end_s - time.monotonic()))

    @property
    def alive(self) -> bool:
        """Whether every target is served."""
        return all(thread.is_alive() for thread in self._threads)

    def _deliver_to(self, target: Target) -> None:
        while not self._stopping.is_set():
            with self._errors_logged():
                for job in self._spool.jobs(State.SENDING):
                    if self._stopping.is_set():
                        return
                    with self._errors_logged():  # an error in the record of one job must not delay the others
                        self._deliver(job, target)
            self._stopping.wait(_POLL_S)

    @contextlib.contextmanager
    def _errors_logged(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # an error such as a full disk must not end the thread
            self._metrics.errors.labels("delivery").inc()
            logger.error("Error in the delivery: %s. The delivery continues", type(error).__name__)

    def _deliver(self, job: Job, target: Target) -> None:
        if is_cancelled(job):
            self._finish_if_delivered(job, cancelled=True)
            return
        path = DeliveryRecord.path(job.folder, target.name)
        record = DeliveryRecord.read(path)
        if not (record.sent or record.given_up):
            if record.transaction_uid is None and not is_due(record.not_before_s, self._retry.max_s):
                return
            if not record.started:
                record.started = True
                if not self._write(record, path):
                    return
            before = dataclasses.replace(record)
            try:
                self._try(job, target, record)
            except DeliveryStopped:
                return
            if record != before and not self._write(record, path):
                return
        if record.sent or record.given_up:
            self._finish_if_delivered(job)

    def _write(self, record: DeliveryRecord, path: Path) -> bool:
        """Write a record if its job is still in SENDING; a settled or superseded job has left it."""
        with self._spool.lock:
            if not path.parent.is_dir():
                return False
            record.write(path)
            return True

    def _try(self, job: Job, target: Target, record: DeliveryRecord) -> None:
        """Send, or check whether storage commitment has come; write the outcome into the record."""
        files = result_files(job.result)
        start_s = time.monotonic()
        try:
            if not files:
                raise DeliveryFailed("result_missing")
            if record.transaction_uid is not None:
                if not self._is_committed(job, target, record, files):
                    return
                logger.info("Job %s: %s confirms storage of %d objects", job.name, target.name, len(files))
            else:
                target.send(files, _Stop(self._stopping, job))
                seconds = time.monotonic() - start_s
                logger.info("Job %s: %d objects sent to %s in %.1f s", job.name, len(files), target.name, seconds)
                if target.commitment_timeout_s is not None:
                    self._ask_for_commitment(job, target, record, files)
                    return
        except DeliveryStopped:
            raise
        except Exception as error:  # any error: if not counted, the job would be tried again at once and for ever
            self._record_failure(job, target, record, error)
        else:
            record.sent, record.reason, record.transaction_uid = True, None, None
            self._metrics.deliveries.labels(target.name, "ok").inc()

    def _ask_for_commitment(self, job: Job, target: Target, record: DeliveryRecord, files: list[Path]) -> None:
        record.transaction_uid, record.asked_s = generate_uid(), time.time()
        record.write(DeliveryRecord.path(job.folder, target.name))  # before the report can come
        CommitmentReport.path(job.folder, target.name).unlink(missing_ok=True)
        target.ask_for_commitment(files, record.transaction_uid)

    def _is_committed(self, job: Job, target: Target, record: DeliveryRecord, files: list[Path]) -> bool:
        path = CommitmentReport.path(job.folder, target.name)
        if path.exists():
            check_committed(CommitmentReport.read(path), files)
            return True
        timeout_s = target.commitment_timeout_s
        if timeout_s is None or not record.asked_s <= time.time() <= record.asked_s + timeout_s:
            raise DeliveryFailed("commitment_timeout")
        return False

    def _record_failure(self, job: Job, target: Target, record: DeliveryRecord, error: Exception) -> None:
        record.attempts += 1
        record.transaction_uid = None
        record.reason = str(error) if isinstance(error, DeliveryFailed) else type(error).__name__
        record.given_up = record.attempts >= self._retry.attempts
        wait_s = min(self._retry.first_s * 2.0 ** min(record.attempts - 1, 32), self._retry.max_s)
        record.not_before_s = time.time() + wait_s
        what_next = "given up" if record.given_up else f"again in {wait_s:.0f} s"
        logger.warning(
            "Job %s: target %s, attempt %d failed: %s, %s",
            job.name,
            target.name,
            record.attempts,
            record.reason,
            what_next,
        )
        self._metrics.deliveries.labels(target.name, "given_up" if record.given_up else "failed").inc()

    def _finish_if_delivered(self, job: Job, *, cancelled: bool = False) -> None:
        """Move a job out of SENDING when every target has it or was given up, or when it was cancelled."""
        with self._spool.lock:
            if not job.folder.is_dir():  # the thread of another target was first
                return
            records = [DeliveryRecord.read(DeliveryRecord.path(job.folder, target.name)) for target in self._targets]
            if not cancelled and not all(record.sent or record.given_up for record in records):
                return
            failures = [CANCELLED] if cancelled else [record.reason for record in records if record.given_up]
            path = JobRecord.path(job.folder)
            record = JobRecord.read(path)
            record.reason = failures[0] if failures else None
            record.failed_in = State.SENDING.value if failures else None
            record.ended_s = time.time()
            record.write(path)
            self._spool.move(job, State.DEAD_LETTER if failures else State.DONE)
        if cancelled:
            logger.info("Job %s: cancelled, now in dead-letter", job.name)
        elif failures:
            logger.error("Job %s: %d target(s) did not accept the result, now in dead-letter", job.name, len(failures))
