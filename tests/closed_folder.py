"""A folder that nobody may enter, also when the tests run as root."""

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
    user = os.geteuid()
    if user == 0:
        os.seteuid(_NOBODY)
    try:
        yield folder
    finally:
        os.seteuid(user)
        folder.chmod(0o700)
