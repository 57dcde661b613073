"""Pauses pynetdicom's reactor thread while objects are sent one after the other.

pynetdicom pauses its reactor for each message and resumes it afterwards. On a busy machine the reactor may wake only
after the next message was sent, and then takes the answer that the sender waits for ("Received unexpected C-STORE
service message", pynetdicom issue 875). Here it stays paused for the whole sequence. This uses internals of pynetdicom
3.0.4; check it again for a newer version.
"""

import contextlib
import threading
from collections.abc import Iterator

from pynetdicom.association import Association

_PAUSE_TIMEOUT_S = 5.0


class _PausedCheckpoint(threading.Event):
    """The event that the reactor waits for at each turn; only `resume` ends the wait."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.reached.set()
        return super().wait(timeout)

    def set(self) -> None:
        """Ignore pynetdicom's request to resume after each message."""

    def resume(self) -> None:
        super().set()


@contextlib.contextmanager
def paused_reactor(association: Association) -> Iterator[None]:
    """Pause the reactor of an association that this thread sends over.

    Args:
        association: established, as requestor.
    """
    resumed, paused = association._reactor_checkpoint, _PausedCheckpoint()
    association._reactor_checkpoint = paused
    paused.reached.wait(_PAUSE_TIMEOUT_S)  # not when the reactor has ended: the next message then fails as it should
    try:
        yield
    finally:
        resumed.set()
        association._reactor_checkpoint = resumed
        paused.resume()
