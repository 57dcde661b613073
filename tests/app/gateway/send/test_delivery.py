"""Results on their way to the targets: whatever goes wrong with one is counted and holds up no other."""

import contextlib
import socket
import threading
import time

import pytest

from app.gateway.metrics import Metrics
from app.gateway.queue.commitment_report import CommitmentReports
from app.gateway.queue.record import DeliveryRecord
from app.gateway.queue.spool import State
from app.gateway.send.delivery import Delivery
from app.gateway.send.store_target import StoreTarget
from app.gateway.send.targets import DeliveryStopped
from app.gateway.settings import DicomTarget, RetrySettings
from tests.app.gateway.running import Sink, eventually
from tests.dicom_series import body_hu, write_series

pytestmark = pytest.mark.slow

PATIENT = RetrySettings(attempts=5, first_s=600)


@pytest.fixture
def metrics(spool):
    return Metrics(spool)


@pytest.fixture
def sink():
    sink = Sink().start()
    yield sink
    sink.stop()


class Peer:
    """A target that takes everything but the jobs that it fails on."""

    name = "peer"
    commitment_timeout_s = None

    def __init__(self, failing=None, error=None):
        self.failing, self.error = failing, error
        self.taken = []

    def send(self, files, stop):
        job = files[0].parent.parent.name
        if job == self.failing:
            raise self.error
        self.taken.append(job)


def job_with_a_result(spool, key="a" * 32):
    job = spool.new_job(key)
    write_series(job.result, hu=body_hu(1))
    return spool.move(job, State.SENDING)


def store_target(spool, **changes):
    settings = DicomTarget(**{"name": "pacs", "kind": "dicom", "ae_title": "PACS", **changes})
    return StoreTarget(settings, "SYNCTA", CommitmentReports(spool))


@contextlib.contextmanager
def delivering(spool, metrics, targets, retry=PATIENT):
    delivery = Delivery(spool, targets, retry, metrics)
    delivery.start()
    try:
        yield delivery
    finally:
        delivery.stop(10)


def first_failure(job, target="pacs"):
    path = DeliveryRecord.path(job.folder, target)
    return eventually(lambda: record if (record := DeliveryRecord.read(path)).attempts else None)


# ---- one try ----


def test_a_host_that_nobody_knows_is_a_failed_try_with_a_waiting_time(spool, metrics, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    job = job_with_a_result(spool)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with delivering(spool, metrics, [store_target(spool, host="pacs.hospital.example", port=104)]):
        record = first_failure(job)
    assert record.reason == "unreachable_gaierror"
    assert record.not_before_s > time.time() + 500


@pytest.mark.parametrize("length", [0, 100, 150, 250], ids=lambda length: f"{length} bytes")
def test_a_result_file_that_was_cut_is_a_failed_try(spool, metrics, sink, length):
    job = job_with_a_result(spool)
    [file] = job.result.iterdir()
    file.write_bytes(file.read_bytes()[:length])
    target = {key: sink.target[key] for key in ("host", "port", "ae_title")}
    with delivering(spool, metrics, [store_target(spool, **target)]):
        assert first_failure(job).attempts == 1


def test_a_gateway_that_stops_has_not_failed(spool, metrics):
    job = job_with_a_result(spool)
    asked = threading.Event()

    class Stopping(Peer):
        def send(self, files, stop):
            asked.set()
            raise DeliveryStopped

    with delivering(spool, metrics, [Stopping()]):
        assert asked.wait(30)
    assert DeliveryRecord.read(DeliveryRecord.path(job.folder, "peer")) == DeliveryRecord(started=True)


# ---- several jobs, several targets ----


def test_an_error_that_nobody_foresaw_ends_in_dead_letter(spool, metrics):
    job = job_with_a_result(spool)
    peer = Peer(job.name, AttributeError("TransferSyntaxUID"))
    with delivering(spool, metrics, [peer], RetrySettings(attempts=2, first_s=0.1)):
        eventually(lambda: spool.jobs(State.DEAD_LETTER))


def test_newer_jobs_do_not_wait_for_one_that_fails(spool, metrics):
    first, second = job_with_a_result(spool), job_with_a_result(spool, "b" * 32)
    peer = Peer(first.name, AttributeError("TransferSyntaxUID"))
    with delivering(spool, metrics, [peer]):
        eventually(lambda: peer.taken == [second.name])


def test_newer_jobs_do_not_wait_for_one_whose_record_cannot_be_written(spool, metrics):
    first, second = job_with_a_result(spool), job_with_a_result(spool, "b" * 32)
    DeliveryRecord.path(first.folder, "peer").mkdir()
    peer = Peer()
    with delivering(spool, metrics, [peer]):
        eventually(lambda: second.name in peer.taken)


def test_a_job_that_another_target_settled_meanwhile_is_no_failure(spool, metrics, monkeypatch):
    job = job_with_a_result(spool)
    spool.move(job, State.DONE)
    looked = []

    def as_seen_before(state):
        looked.append(state)
        return [job]

    with delivering(spool, metrics, [Peer()]):
        monkeypatch.setattr(spool, "jobs", as_seen_before)
        eventually(lambda: len(looked) > 2)
    monkeypatch.undo()
    assert 'outcome="failed"' not in metrics.text().decode()


def test_a_job_that_is_superseded_while_it_is_sent_is_sent_no_further(spool, metrics):
    job = job_with_a_result(spool)
    told = threading.Event()

    class Slow(Peer):
        def send(self, files, stop):
            spool.move(job, State.DONE)
            eventually(stop.is_set)
            told.set()
            raise DeliveryStopped

    with delivering(spool, metrics, [Slow()]):
        assert told.wait(10)
    assert DeliveryRecord.read(DeliveryRecord.path(spool.jobs(State.DONE)[0].folder, "peer")).started
