"""Keeps pynetdicom's reactor thread out of the way while objects are sent one after the other.

pynetdicom pauses its reactor for each message and lets it go on afterwards. On a busy machine the reactor may wake only
after the next message was sent, and takes its answer away from the sender, who then waits for it in vain ("Received
unexpected C-STORE service message", pynetdicom issue 875). Held for the whole sequence, it cannot. This reaches into
pynetdicom 3.0.4; a newer version must be looked at anew.
"""

import contextlib
import threading
from collections.abc import Iterator

from pynetdicom.association import Association

_PARKED_S = 5.0


class _HeldCheckpoint(threading.Event):
    """The event that the reactor waits for at each turn; only `let_go` ends the waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.reached.set()
        return super().wait(timeout)

    def set(self) -> None:
        """pynetdicom's wish to go on after each message: not yet."""

    def let_go(self) -> None:
        super().set()


@contextlib.contextmanager
def held_reactor(association: Association) -> Iterator[None]:
    """Hold the reactor of an association that this thread sends over.

    Args:
        association: established, as requestor.
    """
    usual, held = association._reactor_checkpoint, _HeldCheckpoint()
    association._reactor_checkpoint = held
    held.reached.wait(_PARKED_S)  # not when the reactor has ended: the next message then fails as it should
    try:
        yield
    finally:
        usual.set()
        association._reactor_checkpoint = usual
        held.let_go()
