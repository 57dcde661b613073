"""What a connection can hold of the gateway by a PDU that does not come, or by one that is too long."""

import contextlib
import socket
import struct
import threading
from io import BytesIO

import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_primitives import C_STORE

from app.gateway.metrics import Metrics
from app.gateway.queue.own_output import OwnOutput
from app.gateway.receive import dicom_node
from app.gateway.receive.dicom_node import DicomNode
from app.gateway.receive.intake import Intake
from app.gateway.send.paused_reactor import paused_reactor
from app.gateway.settings import DicomSettings, QueueSettings
from tests.app.gateway.running import LOOPBACK, associate, eventually, free_port
from tests.dicom_series import body_hu, write_series

pytestmark = pytest.mark.slow

ASSOCIATE_REQUEST = 0x01


@contextlib.contextmanager
def listening(spool, **settings):
    settings = DicomSettings(host=LOOPBACK, port=free_port(), allow=[{"ae_title": "SENDER"}], **settings)
    parts = {
        "intake": Intake(spool, QueueSettings(folder=spool.folder)),
        "own": OwnOutput(spool.folder),
        "metrics": Metrics(spool),
    }
    node = DicomNode(settings, min_free_mb=1, spool=spool, **parts)
    node.start()
    try:
        yield settings.port
    finally:
        node.stop(0)


def stranger(port, announced, sent=b""):
    """A connection that announces a PDU of so many bytes and sends these of it."""
    connection = socket.create_connection((LOOPBACK, port), timeout=20)
    connection.sendall(struct.pack(">BBL", ASSOCIATE_REQUEST, 0, announced) + sent)
    return connection


def test_a_stranger_who_stops_within_a_pdu_gives_his_place_back(spool, monkeypatch):
    monkeypatch.setattr(dicom_node, "CONNECTIONS", 2)
    monkeypatch.setattr(dicom_node, "_ACSE_TIMEOUT_S", 1)
    with listening(spool, network_timeout_s=1) as port, contextlib.ExitStack() as strangers:
        for _ in range(2):
            strangers.enter_context(stranger(port, announced=200, sent=b"\0"))
        eventually(lambda: associate(port).is_established, every_s=0.5)


def test_a_stranger_who_sends_a_byte_now_and_then_is_cut_by_the_time_of_all_of_them(spool, monkeypatch):
    monkeypatch.setattr(dicom_node, "_ACSE_TIMEOUT_S", 1)
    with listening(spool, network_timeout_s=60) as port, stranger(port, announced=200) as connection:
        connection.settimeout(0.1)

        def is_cut() -> bool:
            try:
                connection.sendall(b"\0")
                return connection.recv(1) == b""
            except TimeoutError:
                return False
            except ConnectionError:
                return True

        eventually(is_cut, 50)


def is_closed_at_once(port):
    """Whether one more connection is closed long before a stranger's time is out."""
    with contextlib.suppress(ConnectionError), stranger(port, announced=200) as connection:
        connection.settimeout(1)
        try:
            return connection.recv(1) == b""
        except TimeoutError:
            return False
    return True


def test_connections_beyond_their_limit_are_closed_at_once(spool, monkeypatch):
    monkeypatch.setattr(dicom_node, "CONNECTIONS", 2)
    with listening(spool) as port, contextlib.ExitStack() as strangers:
        for _ in range(2):
            strangers.enter_context(stranger(port, announced=200))
        eventually(lambda: is_closed_at_once(port))  # as soon as both have their threads


def test_a_stranger_who_announces_gigabytes_is_cut_off_at_once(spool):
    with listening(spool, network_timeout_s=60) as port, stranger(port, announced=2**31) as connection:
        assert connection.recv(1) == b""


@pytest.fixture
def two_megabytes(tmp_path) -> pydicom.Dataset:
    [file] = write_series(tmp_path / "source", hu=body_hu(1)).iterdir()
    ds = pydicom.dcmread(file)
    ds.Rows = ds.Columns = 1024
    ds.PixelData = bytes(1024 * 1024 * 2)
    return ds


def store(port, ds):
    """The status of sending an object; None where the connection was cut."""
    association = associate(port, contexts=[(ds.SOPClassUID, [ExplicitVRLittleEndian])])
    status = association.send_c_store(ds).get("Status")
    association.release()
    return status


def test_an_accepted_sender_may_send_an_object_in_one_long_pdu(spool, two_megabytes):
    with listening(spool) as port:
        assert store(port, two_megabytes) == 0


@pytest.mark.parametrize("pdu_bytes", [0, 16384])
def test_an_object_that_is_too_long_is_cut_off_and_nothing_kept(spool, two_megabytes, monkeypatch, pdu_bytes):
    monkeypatch.setattr(DIMSEServiceProvider, "maximum_pdu_size", pdu_bytes)  # of the sender; 0: a single PDU
    with listening(spool, max_object_mb=1) as port:
        assert store(port, two_megabytes) is None
        assert not list(spool.folder.rglob("*.dcm"))


def test_the_sender_that_was_cut_off_is_named(spool, two_megabytes, caplog):
    with listening(spool, max_object_mb=1) as port:
        store(port, two_megabytes)
    assert f"AE title 'SENDER' at {LOOPBACK} ended: the object is larger than dicom.max_object_mb" in caplog.text


def test_a_sender_who_does_not_wait_for_answers_is_cut_off(spool, two_megabytes, monkeypatch):
    answer = threading.Event()
    monkeypatch.setattr(DicomNode, "_on_store", lambda node, event: answer.wait(120) and 0)
    request = C_STORE()
    request.MessageID, request.Priority = 1, 0
    request.AffectedSOPClassUID = two_megabytes.SOPClassUID
    request.AffectedSOPInstanceUID = two_megabytes.SOPInstanceUID
    with listening(spool) as port:
        association = associate(port, contexts=[(two_megabytes.SOPClassUID, [ExplicitVRLittleEndian])])
        context_id = association.accepted_contexts[0].context_id

        def send_one_more() -> bool:
            request.DataSet = BytesIO(bytes(1000))
            association.dimse.send_msg(request, context_id)
            return not association.is_established

        eventually(send_one_more, every_s=0.2)
        answer.set()


def test_objects_of_one_association_are_counted_one_by_one(spool, two_megabytes):
    with listening(spool, max_object_mb=3) as port:
        association = associate(port, contexts=[(two_megabytes.SOPClassUID, [ExplicitVRLittleEndian])])
        with paused_reactor(association):
            for number in range(3):
                two_megabytes.SOPInstanceUID = f"{two_megabytes.SOPInstanceUID}.{number}"
                assert association.send_c_store(two_megabytes).Status == 0
        association.release()
