"""Sends each DICOM message at once.

pynetdicom writes the command and the data set of a message one after the other. With Nagle's algorithm the second waits
until the peer acknowledges the first, which peers delay by about 40 ms: minutes for a thin-slice series.
"""

import socket

from pynetdicom.events import Event


def set_tcp_nodelay(event: Event) -> None:
    """Handler of EVT_CONN_OPEN: turn Nagle's algorithm off for the connection."""
    connection = event.assoc.dul.socket.socket
    if connection is not None:  # closed meanwhile
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
