"""The reactor of pynetdicom must not take the answers that the sender waits for."""

import threading

import pydicom
import pytest

from app.gateway.send.paused_reactor import paused_reactor
from tests.app.gateway.running import Sink, associate
from tests.dicom_series import body_hu, write_series

pytestmark = pytest.mark.slow


def test_while_held_only_the_sender_reads_messages(tmp_path):
    [file] = write_series(tmp_path, hu=body_hu(1)).iterdir()
    ds = pydicom.dcmread(file)
    sink = Sink().start()
    association = associate(sink.port, called="SINK")
    readers = []
    usual = association.dimse.get_msg

    def get_msg(block=False):
        readers.append(threading.current_thread())
        return usual(block)

    try:
        with paused_reactor(association):
            association.dimse.get_msg = get_msg
            assert [association.send_c_store(ds).Status for _ in range(50)] == [0] * 50
            assert set(readers) == {threading.current_thread()}
    finally:
        association.release()
        sink.stop()
    assert association.is_released


def test_an_abort_of_the_peer_is_noticed_at_once(tmp_path):
    [file] = write_series(tmp_path, hu=body_hu(1)).iterdir()
    sink = Sink().start()
    sink.abort_after = 0
    association = associate(sink.port, called="SINK")
    with paused_reactor(association):
        assert "Status" not in association.send_c_store(pydicom.dcmread(file))
    association.abort()
    sink.stop()
    assert not association.is_established
