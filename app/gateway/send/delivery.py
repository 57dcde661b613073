"""Sends results to the targets: one thread for each, so that a slow or dead one holds up no other."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator

from app.gateway.convert.app_run import result_files
from app.gateway.monitor.metrics import Metrics
from app.gateway.queue.record import DeliveryRecord, JobRecord, is_due
from app.gateway.queue.spool import Job, Spool, State
from app.gateway.send.targets import DeliveryFailed, DeliveryStopped, Target
from app.gateway.settings import RetrySettings

logger = logging.getLogger(__name__)

_POLL_S = 0.3


class Delivery:
    """All targets of a gateway.

    Args:
        spool: opened queue.
        targets: who gets the results.
        retry: back-off.
        metrics: counters.
    """

    def __init__(self, spool: Spool, targets: list[Target], retry: RetrySettings, metrics: Metrics) -> None:
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
            with self._outliving_errors():
                for job in self._spool.jobs(State.SENDING):
                    if self._stopping.is_set():
                        return
                    with self._outliving_errors():  # of the record of one job, which must not hold up the others
                        self._deliver(job, target)
            self._stopping.wait(_POLL_S)

    @contextlib.contextmanager
    def _outliving_errors(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # a full disk, for one, must not end the thread
            self._metrics.errors.labels("delivery").inc()
            logger.error("The delivery met an error and goes on: %s", type(error).__name__)

    def _deliver(self, job: Job, target: Target) -> None:
        path = DeliveryRecord.path(job.folder, target.name)
        record = DeliveryRecord.read(path)
        if not job.folder.is_dir():  # another target's thread settled it: the record was not read, it was gone
            return
        if not (record.sent or record.given_up):
            if not is_due(record.not_before_s, self._retry.max_s):
                return
            try:
                self._send(job, target, record)
            except DeliveryStopped:
                return
            record.write(path)
        if record.sent or record.given_up:
            self._settle(job)

    def _send(self, job: Job, target: Target, record: DeliveryRecord) -> None:
        files = result_files(job.result)
        start_s = time.monotonic()
        try:
            if not files:
                raise DeliveryFailed("result_missing")
            target.send(files, self._stopping)
        except DeliveryStopped:
            raise
        except Exception as error:  # whatever it is: uncounted, it would be tried again at once and for ever
            record.attempts += 1
            record.reason = str(error) if isinstance(error, DeliveryFailed) else type(error).__name__
            record.given_up = record.attempts >= self._retry.attempts
            wait_s = min(self._retry.first_s * 2.0 ** min(record.attempts - 1, 32), self._retry.max_s)
            record.not_before_s = time.time() + wait_s
            outcome = "given_up" if record.given_up else "failed"
            what_next = "given up" if record.given_up else f"again in {wait_s:.0f} s"
            logger.warning(
                "Job %s: target %s, try %d: %s, %s", job.name, target.name, record.attempts, record.reason, what_next
            )
        else:
            record.sent, record.reason = True, None
            outcome = "ok"
            seconds = time.monotonic() - start_s
            logger.info("Job %s: %d objects to %s in %.1f s", job.name, len(files), target.name, seconds)
        self._metrics.deliveries.labels(target.name, outcome).inc()

    def _settle(self, job: Job) -> None:
        """Take a job out of SENDING when every target has it or was given up."""
        with self._spool.lock:
            if not job.folder.is_dir():  # the thread of another target was first
                return
            records = [DeliveryRecord.read(DeliveryRecord.path(job.folder, target.name)) for target in self._targets]
            if not all(record.sent or record.given_up for record in records):
                return
            failures = [record.reason for record in records if record.given_up]
            path = JobRecord.path(job.folder)
            record = JobRecord.read(path)
            record.reason = failures[0] if failures else None
            record.failed_in = State.SENDING.value if failures else None
            record.ended_s = time.time()
            record.write(path)
            self._spool.move(job, State.DEAD_LETTER if failures else State.DONE)
        if failures:
            logger.error("Job %s: %d target(s) did not take the result, now in dead-letter", job.name, len(failures))
