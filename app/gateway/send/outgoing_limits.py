"""Limits how long a target can delay a delivery.

pynetdicom clears the time limit of its socket once it is connected: a target that stops in the middle of a PDU, or
stops reading, would block the delivery for ever. This uses internals of pynetdicom 3.0.4; check it again for a newer
version.
"""

import time

from pynetdicom.events import Event

_LONGEST_PDU_BYTES = 1 << 20
"""A target sends answers only: a few hundred bytes each, an association's acceptance a few thousand."""


def limit_target(event: Event, timeout_s: float) -> None:
    """Handler of EVT_CONN_OPEN: end the connection when a PDU is not received, or not accepted by the target, in time.

    Args:
        event: the connection.
        timeout_s: for a whole received PDU, however its bytes are spread; when sending, for the next bytes.
    """
    dul = event.assoc.dul
    connection = dul.socket
    if connection.socket is None:  # closed meanwhile
        return
    connection.socket.settimeout(timeout_s)

    def recv(nr_bytes: int) -> bytearray:
        if nr_bytes > _LONGEST_PDU_BYTES:
            raise OSError("too long")  # pynetdicom takes it for a lost connection
        received = bytearray()
        end_s = time.monotonic() + timeout_s
        while len(received) < nr_bytes:
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("too slow")
            connection.socket.settimeout(left_s)
            chunk = connection.socket.recv(nr_bytes - len(received))
            if not chunk:
                break
            received += chunk
        connection.socket.settimeout(timeout_s)
        return received

    connection.recv = recv
