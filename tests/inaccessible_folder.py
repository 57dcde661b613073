"""Files and folders that the user may not read, also when the tests run as root."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65534


@contextmanager
def inaccessible_folder(parent: Path) -> Iterator[Path]:
    """Make a folder without permissions and give up root's right to pass them by.

    Args:
        parent: takes the folder.

    Yields:
        The folder.
    """
    folder = parent / "closed"
    folder.mkdir(mode=0o000)
    try:
        with as_unprivileged_user():
            yield folder
    finally:
        folder.chmod(0o700)


@contextmanager
def as_unprivileged_user() -> Iterator[None]:
    """Give up root's right to pass permissions by."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
