"""Limits the time and memory that a connection can use.

pynetdicom waits for the end of a PDU without a time limit, reads a PDU of up to 4 GiB from any peer before the
allow-list is checked, and collects an object of any length in memory. This uses internals of pynetdicom 3.0.4; check
it again for a newer version.
"""

import logging
import time

from pynetdicom.association import Association
from pynetdicom.events import Event
from pynetdicom.transport import AssociationSocket

logger = logging.getLogger(__name__)

_LONGEST_REQUEST_BYTES = 1 << 20
"""Longest PDU before acceptance. A request with all 128 presentation contexts needs less than a tenth of it."""

_WAITING_MESSAGES = 1
"""Messages received and not yet handled. No asynchronous operations are negotiated (PS3.7 D.3.3.3): a sender waits for
each answer."""

_DATA_TRANSFER = "Sta6"  # PS3.8 9.2.1; only then objects come


def limit_reading(event: Event, before_acceptance_s: float, silence_s: float, max_object_bytes: int) -> None:
    """Handler of EVT_CONN_OPEN: end the connection on silence within a PDU, or on too long a PDU or object.

    Args:
        event: the connection.
        before_acceptance_s: total time for all that a peer sends before it is accepted, however its bytes are spread.
        silence_s: how long the peer may be silent within a PDU, or not read what is sent to it.
        max_object_bytes: longest object, and longest PDU of an association; before acceptance the limit is far lower.
    """
    dul = event.assoc.dul
    connection = dul.socket
    if connection.socket is None:  # closed meanwhile
        return
    connection.socket.settimeout(silence_s)
    read = connection.recv
    accept_until_s = time.monotonic() + before_acceptance_s

    def recv(nr_bytes: int) -> bytearray:
        accepted = dul.state_machine.current_state == _DATA_TRANSFER
        limit_bytes = max_object_bytes if accepted else _LONGEST_REQUEST_BYTES
        if _held_bytes(event.assoc) + nr_bytes > limit_bytes:
            if accepted:
                _log_cut(event.assoc, "the object is larger than dicom.max_object_mb")
            raise OSError("too long")  # pynetdicom takes it for a lost connection
        if event.assoc.dimse.msg_queue.qsize() > _WAITING_MESSAGES:
            _log_cut(event.assoc, "it sends without waiting for answers")
            raise OSError("too many")
        return read(nr_bytes) if accepted else _read_until(connection, nr_bytes, accept_until_s, silence_s)

    connection.recv = recv


def _read_until(connection: AssociationSocket, nr_bytes: int, end_s: float, silence_s: float) -> bytearray:
    """Read a part of a PDU until a time of the monotonic clock."""
    received = bytearray()
    while len(received) < nr_bytes:
        left_s = end_s - time.monotonic()
        if left_s <= 0 or connection.socket is None:
            raise TimeoutError("too slow")
        connection.socket.settimeout(min(left_s, silence_s))
        chunk = connection.socket.recv(nr_bytes - len(received))
        if not chunk:
            break
        received += chunk
    if connection.socket is not None:
        connection.socket.settimeout(silence_s)
    return received


def _log_cut(association: Association, why: str) -> None:
    requestor = association.requestor
    # %a: the title comes from outside and must not forge a line of the log
    logger.warning("Association of AE title %a at %s ended: %s", requestor.ae_title, requestor.address, why)


def _held_bytes(association: Association) -> int:
    """Bytes received of the message that is not complete yet."""
    message = association.dimse.message
    return message.encoded_command_set.tell() + message.data_set.tell() if message else 0
