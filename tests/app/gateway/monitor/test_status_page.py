"""The page for people: what is where, what went wrong, how far the run is; nothing of a patient."""

import pytest

from app.gateway.metrics import Metrics
from app.gateway.monitor.status_page import status_page
from app.gateway.queue.record import DeliveryRecord, JobRecord
from app.gateway.queue.results import LOG_FILE
from app.gateway.queue.spool import State
from tests.dicom_series import IDENTIFYING, body_hu, write_series

PROGRESS = "2026-11-27T12:00:00+00:00 INFO    synthesize: 3 of 12 slabs, 40 s left\n"


@pytest.fixture
def put(spool):
    def put(state, log="", **record):
        job = spool.new_job("a" * 32)
        (job.folder / LOG_FILE).write_text(log)
        JobRecord(**record).write(JobRecord.path(job.folder))
        return spool.move(job, state)

    return put


def test_an_empty_queue_is_ready_and_waits_for_nothing(spool):
    page = status_page(spool, {"worker": True})
    assert "ready" in page
    assert "No job is waiting." in page


def test_a_check_that_fails_is_named(spool):
    assert "not ready: disk" in status_page(spool, {"worker": True, "disk": False})


def test_the_running_job_says_how_far_it_is(spool, put):
    put(State.PROCESSING, "synthesize: 0 of 12 slabs\n" + PROGRESS, attempts=1)
    assert "3 of 12 slabs, 40 s left" in status_page(spool, {})


def test_the_metrics_say_how_far_the_running_job_is(spool, put):
    put(State.PROCESSING, PROGRESS, attempts=1)
    text = Metrics(spool).text().decode()
    assert "syn_cta_gateway_run_progress 0.25" in text
    assert "syn_cta_gateway_run_left_seconds 40.0" in text


def test_a_job_that_failed_says_why(spool, put):
    put(State.REFUSED, reason="contrast")
    assert "contrast" in status_page(spool, {})


def test_a_target_that_does_not_take_the_result_is_named_with_its_reason(spool, put):
    job = put(State.SENDING)
    DeliveryRecord(attempts=3, reason="http_401").write(DeliveryRecord.path(job.folder, "archive"))
    assert "archive: http_401 (try 3)" in status_page(spool, {})


def test_what_stands_in_a_record_cannot_become_html(spool, put):
    put(State.DEAD_LETTER, reason="<script>")
    assert "<script>" not in status_page(spool, {})


def test_the_page_holds_no_patient_data(spool):
    job = spool.new_job("a" * 32)
    job.objects.rmdir()
    write_series(job.objects, hu=body_hu(1))
    page = status_page(spool, {})
    assert not any(word in page for word in IDENTIFYING)
