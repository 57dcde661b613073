"""`--cancel JOB`: a job is taken out of its way, whatever is being done with it."""

import sys
import threading

import pytest

from app.gateway.convert.supersede import EarlierResults
from app.gateway.convert.worker import Worker
from app.gateway.metrics import Metrics
from app.gateway.queue.cancel import cancel_job, is_cancelled
from app.gateway.queue.jobs import retry_jobs
from app.gateway.queue.own_output import OwnOutput
from app.gateway.queue.record import JobRecord
from app.gateway.queue.spool import State
from app.gateway.send.delivery import Delivery
from app.gateway.send.targets import DeliveryStopped
from app.gateway.settings import RetrySettings, WorkerSettings
from tests.app.gateway.running import STUB, eventually
from tests.dicom_series import body_hu, write_series


def put(spool, state):
    job = spool.new_job("a" * 32)
    write_series(job.objects, hu=body_hu(1))
    write_series(job.result, hu=body_hu(1))
    return spool.move(job, state)


@pytest.fixture
def working(spool, tmp_path):
    options = ["--seconds", "60", "--runs", str(tmp_path / "runs")]
    settings = WorkerSettings(command=[sys.executable, str(STUB)], options=options)
    worker = Worker(spool, settings, OwnOutput(spool.folder), EarlierResults(spool, {}), Metrics(spool))
    worker.start()
    yield worker
    worker.stop(0)


def dead_letter(spool):
    [job] = eventually(lambda: spool.jobs(State.DEAD_LETTER))
    return JobRecord.read(JobRecord.path(job.folder))


@pytest.mark.slow
def test_a_run_is_ended_at_once(spool, working, tmp_path):
    job = put(spool, State.QUEUED)
    eventually((tmp_path / "runs").exists)
    assert cancel_job(spool, job.name)
    assert dead_letter(spool).reason == "cancelled"


def test_a_job_that_is_moved_at_that_moment_is_cancelled_too(spool, monkeypatch):
    queued = put(spool, State.QUEUED)
    processing = spool.move(queued, State.PROCESSING)
    monkeypatch.setattr(spool, "jobs", {State.QUEUED: [queued], State.PROCESSING: [processing]}.__getitem__)
    assert cancel_job(spool, queued.name)
    assert is_cancelled(processing)


def test_a_job_that_waits_is_not_run(spool, tmp_path):
    job = put(spool, State.QUEUED)
    cancel_job(spool, job.name)
    settings = WorkerSettings(command=[sys.executable, str(STUB)], options=["--runs", str(tmp_path / "runs")])
    worker = Worker(spool, settings, OwnOutput(spool.folder), EarlierResults(spool, {}), Metrics(spool))
    worker.start()
    assert dead_letter(spool).reason == "cancelled"
    worker.stop(0)
    assert not (tmp_path / "runs").exists()


def test_a_result_is_sent_no_further(spool):
    job = put(spool, State.SENDING)
    stopped = threading.Event()

    class Slow:
        name, commitment_timeout_s = "slow", None

        def send(self, files, stop):
            cancel_job(spool, job.name)
            if stop.is_set():
                stopped.set()
            raise DeliveryStopped

    delivery = Delivery(spool, [Slow()], RetrySettings(), Metrics(spool))
    delivery.start()
    record = dead_letter(spool)
    delivery.stop(5)
    assert stopped.is_set()
    assert (record.reason, record.failed_in) == ("cancelled", "sending")


@pytest.mark.parametrize("state", [State.DONE, State.REFUSED, State.DEAD_LETTER])
def test_a_job_that_has_ended_cannot_be_cancelled(spool, state):
    assert not cancel_job(spool, put(spool, state).name)


@pytest.mark.parametrize("name", ["", "..", "../queued", "unknown"])
def test_what_is_no_job_cannot_be_cancelled(spool, name):
    assert not cancel_job(spool, name)


def test_a_retry_forgets_it(spool):
    job = put(spool, State.QUEUED)
    cancel_job(spool, job.name)
    spool.move(job, State.DEAD_LETTER)
    retry_jobs(spool, job.name)
    [again] = spool.jobs(State.QUEUED)
    assert not is_cancelled(again)
