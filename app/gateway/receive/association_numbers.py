"""Tells associations apart."""

import itertools
import threading
from weakref import WeakKeyDictionary

from pynetdicom.association import Association


class AssociationNumbers:
    """Gives each association a number of its own; Python's `id` gives that of an ended one to a later one."""

    def __init__(self) -> None:
        self._numbers: WeakKeyDictionary[Association, int] = WeakKeyDictionary()
        self._next = itertools.count()
        self._lock = threading.Lock()

    def __getitem__(self, association: Association) -> int:
        with self._lock:
            return self._numbers.setdefault(association, next(self._next))
