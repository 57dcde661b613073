"""C-STORE to a target that stalls: the delivery ends in time and is tried again."""

import socket
import threading
import time

import pytest
from pydicom.uid import AllTransferSyntaxes
from pynetdicom import AE, evt
from pynetdicom.sop_class import CTImageStorage

from app.gateway.send.store_target import StoreTarget
from app.gateway.send.targets import DeliveryFailed
from app.gateway.settings import DicomTarget
from tests.app.gateway.running import LOOPBACK, free_port
from tests.dicom_series import body_hu, write_series

pytestmark = pytest.mark.slow

TIMEOUT_S = 0.5
HEAD_OF_A_LONG_PDU = b"\x04\x00\x00\x00\x10\x00"  # P-DATA-TF, 4096 bytes to come
HEAD_OF_AN_ENDLESS_PDU = b"\x04\x00\xff\xff\xff\xf0"


class StallingPeer:
    """A DICOM node that agrees to everything and then stalls as it is told."""

    def __init__(self, event, stall):
        self.port = free_port()
        self.over = threading.Event()
        ae = AE("STALLING")
        ae.add_supported_context(CTImageStorage, AllTransferSyntaxes)

        def handler(event):
            if event.assoc.is_established:
                stall(event.assoc.dul.socket.socket, self.over)
            return 0

        self.server = ae.start_server((LOOPBACK, self.port), block=False, evt_handlers=[(event, handler)])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.server.ae.shutdown()


def half_a_pdu(connection, over):
    connection.sendall(HEAD_OF_A_LONG_PDU + b"\x00" * 10)
    over.wait()


def a_byte_now_and_then(connection, over):
    connection.sendall(HEAD_OF_A_LONG_PDU)
    while not over.wait(TIMEOUT_S / 5):
        connection.sendall(b"\x00")


def four_gigabytes(connection, over):
    connection.sendall(HEAD_OF_AN_ENDLESS_PDU)
    over.wait()


def silence(connection, over):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    over.wait()


STALLS = {
    "in the middle of its answer": (evt.EVT_C_STORE, half_a_pdu),
    "at a byte now and then": (evt.EVT_C_STORE, a_byte_now_and_then),
    "at the start of four gigabytes": (evt.EVT_C_STORE, four_gigabytes),
    "before its answer": (evt.EVT_C_STORE, silence),
    "while it is sent to": (evt.EVT_PDU_RECV, silence),
}


@pytest.mark.parametrize("moment", STALLS)
def test_a_target_that_stalls_holds_the_delivery_no_longer_than_its_timeout(tmp_path, moment):
    event, stall = STALLS[moment]
    longer_than_the_buffers = body_hu(1, 1800, 1800)
    files = list(write_series(tmp_path / "result", hu=longer_than_the_buffers).iterdir())
    outcome = []

    def send(port):
        target = DicomTarget(
            name="pacs", kind="dicom", host=LOOPBACK, port=port, ae_title="STALLING", timeout_s=TIMEOUT_S
        )
        try:
            StoreTarget(target, "SYNCTA", None).send(files, threading.Event())
        except DeliveryFailed as error:
            outcome.append(str(error))

    with StallingPeer(event, stall) as peer:
        start_s = time.monotonic()
        sending = threading.Thread(target=send, args=(peer.port,), daemon=True)
        sending.start()
        sending.join(30)
        assert time.monotonic() - start_s < 20 * TIMEOUT_S
    assert outcome == ["connection_lost"]
