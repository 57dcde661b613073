"""Files and folders that the user may not read, also when the tests run as root."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65534


@contextmanager
def closed_folder(parent: Path) -> Iterator[Path]:
    """Make a folder without permissions and give up root's right to pass them by.

    Args:
        parent: takes the folder.

    Yields:
        The folder.
    """
    folder = parent / "closed"
    folder.mkdir(mode=0o000)
    try:
        with without_roots_rights():
            yield folder
    finally:
        folder.chmod(0o700)


@contextmanager
def without_roots_rights() -> Iterator[None]:
    """Give up root's right to pass permissions by."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
