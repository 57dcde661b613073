"""Storage commitment: a result counts as delivered when the target has promised to keep every object of it."""

import threading
from types import SimpleNamespace

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import AllTransferSyntaxes
from pynetdicom import AE, evt
from pynetdicom.sop_class import CTImageStorage, StorageCommitmentPushModel, StorageCommitmentPushModelInstance

from app.gateway.metrics import Metrics
from app.gateway.queue.commitment_report import CommitmentReports
from app.gateway.queue.record import DeliveryRecord
from app.gateway.queue.spool import Spool, State
from app.gateway.send.delivery import Delivery
from app.gateway.send.store_target import StoreTarget
from app.gateway.settings import DicomTarget, GatewaySettings, RetrySettings
from tests.app.gateway.running import LOOPBACK, eventually, free_port
from tests.dicom_series import body_hu, write_series

pytestmark = pytest.mark.slow

NO_SUCH_OBJECT = 0x0112
ALL_COMMITTED, SOME_FAILED = 1, 2  # event types


@pytest.fixture
def job(spool):
    job = spool.new_job("a" * 32)
    write_series(job.result, hu=body_hu(2))
    return spool.move(job, State.SENDING)


class Archive:
    """A target that takes everything and is asked to keep it."""

    name = "archive"

    def __init__(self, commitment_timeout_s=600.0):
        self.commitment_timeout_s = commitment_timeout_s
        self.asked = []
        self.sent = 0

    def send(self, files, stop):
        self.sent += 1

    def ask_for_commitment(self, files, transaction_uid):
        self.asked.append(transaction_uid)


@pytest.fixture
def delivering(spool):
    running = []

    def start(target):
        running.append(Delivery(spool, [target], RetrySettings(attempts=5, first_s=600), Metrics(spool)))
        running[-1].start()

    yield start
    for delivery in running:
        delivery.stop(10)


def references(uids, reason=None):
    items = []
    for uid in uids:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = CTImageStorage, uid
        if reason is not None:
            item.FailureReason = reason
        items.append(item)
    return items


def report(transaction_uid, committed, failed=()):
    information = Dataset()
    information.TransactionUID = transaction_uid
    information.ReferencedSOPSequence = references(committed)
    if failed:
        information.FailedSOPSequence = references(failed, NO_SUCH_OBJECT)
    return information


def take(spool, *what):
    return CommitmentReports(spool).take(SimpleNamespace(event_information=report(*what)))[0]


def uids_of(job):
    return [str(pydicom.dcmread(file).SOPInstanceUID) for file in sorted(job.result.iterdir())]


def asked(target):
    return eventually(lambda: target.asked)[-1]


def failure_of(job):
    path = DeliveryRecord.path(job.folder, "archive")
    return eventually(lambda: record.reason if (record := DeliveryRecord.read(path)).attempts else None)


def test_without_a_report_the_job_waits_and_is_not_sent_again(spool, job, delivering):
    target = Archive()
    delivering(target)
    asked(target)
    threading.Event().wait(1)
    assert (target.sent, len(target.asked), spool.jobs(State.DONE)) == (1, 1, [])


def test_the_report_of_all_objects_ends_the_job(spool, job, delivering):
    target = Archive()
    delivering(target)
    assert take(spool, asked(target), uids_of(job)) == 0
    eventually(lambda: spool.jobs(State.DONE))


def test_a_report_that_comes_while_the_gateway_is_away_counts_after_its_start(spool, job, delivering):
    DeliveryRecord(started=True, transaction_uid="1.2.3", asked_s=2e9).write(DeliveryRecord.path(job.folder, "archive"))
    take(Spool(spool.folder), "1.2.3", uids_of(job))
    target = Archive(commitment_timeout_s=1e9)
    delivering(target)
    eventually(lambda: spool.jobs(State.DONE))
    assert target.sent == 0


def test_an_object_that_is_not_kept_is_a_failed_try_with_its_reason(spool, job, delivering):
    target = Archive()
    delivering(target)
    first, second = uids_of(job)
    take(spool, asked(target), [first], [second])
    assert failure_of(job) == "not_committed_0112"


def test_a_report_that_leaves_an_object_out_is_a_failed_try(spool, job, delivering):
    target = Archive()
    delivering(target)
    take(spool, asked(target), uids_of(job)[:1])
    assert failure_of(job) == "not_committed"


def test_no_report_in_time_is_a_failed_try(job, delivering):
    delivering(Archive(commitment_timeout_s=0.1))
    assert failure_of(job) == "commitment_timeout"


def test_a_report_that_nobody_waits_for_is_answered_and_changes_nothing(spool, job):
    assert take(spool, "1.2.3", uids_of(job)) == 0
    assert not list(job.folder.glob("commitment-*"))


def test_a_damaged_report_is_not_answered_with_success(spool, job):
    event = SimpleNamespace(event_information=Dataset())
    assert CommitmentReports(spool).take(event)[0] != 0


def test_a_target_may_report_over_the_same_association(spool, job, delivering):
    port = free_port()
    ae = AE("ARCHIVE")
    ae.add_supported_context(CTImageStorage, AllTransferSyntaxes)
    ae.add_supported_context(StorageCommitmentPushModel)

    def promise(event):
        information = report(event.action_information.TransactionUID, uids_of(job))
        event_report = (information, ALL_COMMITTED, StorageCommitmentPushModel, StorageCommitmentPushModelInstance)
        threading.Timer(0.3, event.assoc.send_n_event_report, event_report).start()
        return 0x0000, None

    handlers = [(evt.EVT_C_STORE, lambda event: 0), (evt.EVT_N_ACTION, promise)]
    server = ae.start_server((LOOPBACK, port), block=False, evt_handlers=handlers)
    target = DicomTarget(
        name="archive", kind="dicom", host=LOOPBACK, port=port, ae_title="ARCHIVE", commitment=True, timeout_s=10
    )
    delivering(StoreTarget(target, "SYNCTA", CommitmentReports(spool)))
    try:
        eventually(lambda: spool.jobs(State.DONE))
    finally:
        server.shutdown()


def test_a_target_that_cannot_report_to_us_is_told_by_check():
    target = {"name": "a", "kind": "dicom", "host": "h", "port": 104, "ae_title": "ARCHIVE", "commitment": True}
    with pytest.raises(ValueError, match=r"add its AE title to dicom\.allow"):
        GatewaySettings(dicom={"allow": [{"ae_title": "OTHER"}]}, queue={"folder": "/q"}, targets=[target])
