"""A job whose run the gateway did not survive: counted, and set aside when its runs are used up."""

import contextlib
import sys

import pytest

from app.gateway.convert.supersede import EarlierResults
from app.gateway.convert.worker import Worker
from app.gateway.metrics import Metrics
from app.gateway.queue.deleted_results import record_deleted_result
from app.gateway.queue.jobs import retry_jobs
from app.gateway.queue.own_output import OwnOutput
from app.gateway.queue.record import DeliveryRecord, JobRecord
from app.gateway.queue.spool import Spool, State
from app.gateway.settings import WorkerSettings
from tests.app.gateway.running import STUB, eventually
from tests.dicom_series import body_hu, write_series

pytestmark = pytest.mark.slow

ATTEMPTS = 2


@pytest.fixture
def runs_file(tmp_path):
    return tmp_path / "runs"


def put(spool, state, **record):
    """A job of two slices with this record."""
    job = spool.new_job("a" * 32)
    write_series(job.objects, hu=body_hu(2))
    JobRecord(**record).write(JobRecord.path(job.folder))
    return spool.move(job, state)


@contextlib.contextmanager
def working(spool, runs_file, *options, attempts=ATTEMPTS):
    """A worker on this queue, stopped afterwards."""
    command = [sys.executable, str(STUB)]
    settings = WorkerSettings(
        command=command, options=["--runs", str(runs_file), *options], attempts=attempts, wait_s=0.1
    )
    worker = Worker(spool, settings, OwnOutput(spool.folder), EarlierResults(spool, {}), Metrics(spool))
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(0)


def after_the_death_of_the_gateway(spool):
    """The same queue in the hands of the next gateway."""
    spool.close()
    again = Spool(spool.folder)
    again.open()
    return again


def record_of(spool, state):
    [job] = eventually(lambda: spool.jobs(state))
    return JobRecord.read(JobRecord.path(job.folder))


def test_a_job_with_which_the_gateway_died_in_every_run_is_not_run_again(spool, runs_file):
    put(spool, State.PROCESSING, attempts=ATTEMPTS)
    spool = after_the_death_of_the_gateway(spool)
    with working(spool, runs_file):
        record_of(spool, State.DEAD_LETTER)
    assert not runs_file.exists()


def test_its_record_says_that_the_gateway_died(spool, runs_file):
    put(spool, State.PROCESSING, attempts=ATTEMPTS)
    spool = after_the_death_of_the_gateway(spool)
    with working(spool, runs_file):
        record = record_of(spool, State.DEAD_LETTER)
    assert (record.reason, record.failed_in) == ("gateway_died", "processing")


def test_while_a_run_is_under_way_no_earlier_reason_stands_in_its_record(spool, runs_file):
    put(spool, State.QUEUED, attempts=1, reason="out_of_memory")
    with working(spool, runs_file, "--seconds", "60"):
        eventually(runs_file.exists)
        assert record_of(spool, State.PROCESSING) == JobRecord(attempts=2)


def test_a_job_with_which_the_gateway_died_once_has_its_other_runs(spool, runs_file):
    put(spool, State.PROCESSING, attempts=ATTEMPTS - 1)
    spool = after_the_death_of_the_gateway(spool)
    with working(spool, runs_file):
        eventually(lambda: spool.jobs(State.SENDING))


def test_a_job_that_waits_for_its_next_run_gets_it_though_fewer_runs_are_allowed_now(spool, runs_file):
    put(spool, State.QUEUED, attempts=ATTEMPTS + 1, reason="out_of_memory")
    with working(spool, runs_file):
        eventually(lambda: spool.jobs(State.SENDING))


def test_a_run_that_was_interrupted_is_no_death(spool, runs_file):
    put(spool, State.QUEUED, attempts=ATTEMPTS, reason="out_of_memory")
    with working(spool, runs_file, "--seconds", "60", attempts=ATTEMPTS + 1):
        eventually(runs_file.exists)
    with working(spool, runs_file):
        eventually(lambda: spool.jobs(State.SENDING))


def test_a_retry_runs_such_a_job_again(spool, runs_file):
    put(spool, State.DEAD_LETTER, attempts=ATTEMPTS, reason="gateway_died", failed_in="processing")
    retry_jobs(spool, "all")
    with working(spool, runs_file):
        eventually(lambda: spool.jobs(State.SENDING))


@pytest.fixture
def part(spool):
    """A job that lacks a slice of an earlier one, whose files are deleted."""
    earlier = put(spool, State.DONE)
    write_series(earlier.result, hu=body_hu(2), series="1.2.7")
    DeliveryRecord(sent=True).write(DeliveryRecord.path(earlier.folder, "pacs"))
    record_deleted_result(spool, earlier)
    spool.delete(earlier)
    part = put(spool, State.QUEUED)
    min(part.objects.iterdir()).unlink()
    return part


@pytest.mark.usefixtures("part")
def test_a_part_of_a_series_whose_other_slices_are_deleted_is_refused(spool, runs_file):
    with working(spool, runs_file):
        assert record_of(spool, State.REFUSED).reason == "whole_series_needed"
    assert not runs_file.exists()


def test_such_a_part_is_converted_when_somebody_puts_it_back_to_work(spool, runs_file, part):
    with working(spool, runs_file):
        record_of(spool, State.REFUSED)
        retry_jobs(spool, part.name)
        eventually(lambda: spool.jobs(State.SENDING))
