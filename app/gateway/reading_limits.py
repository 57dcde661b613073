"""Bounds what a connection can hold of the gateway by a PDU that it announces and does not send.

pynetdicom waits for the end of a PDU without a limit of time, and reads one of up to 4 GiB from whoever connects,
before the allow-list is asked. This reaches into pynetdicom 3.0.4; a newer version must be looked at anew.
"""

from pynetdicom.events import Event

_LONGEST_STRANGE_PDU_BYTES = 1 << 20
"""Before an association is accepted. A request with all 128 presentation contexts takes less than a tenth of it."""

_DATA_TRANSFER = "Sta6"  # PS3.8 9.2.1; only then objects come, whose length nobody knows before


def limit_reading(event: Event, silence_s: float) -> None:
    """Handler of EVT_CONN_OPEN: end the connection on silence within a PDU, or on a PDU too long for a stranger.

    Args:
        event: the connection.
        silence_s: how long the peer may be silent within a PDU, or not take what is sent to it.
    """
    dul = event.assoc.dul
    connection = dul.socket
    if connection.socket is None:  # closed meanwhile
        return
    connection.socket.settimeout(silence_s)
    read = connection.recv

    def recv(nr_bytes: int) -> bytearray:
        if nr_bytes > _LONGEST_STRANGE_PDU_BYTES and dul.state_machine.current_state != _DATA_TRANSFER:
            raise OSError("PDU too long")  # pynetdicom takes it for a lost connection
        return read(nr_bytes)

    connection.recv = recv
