"""How glibc's allocator keeps freed memory; elsewhere nothing happens."""

import ctypes
import os
import sys
from functools import cache

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_RETAINED_BYTES = 2**30
_OLD_LARGEST_MMAP_THRESHOLD = 2**25  # of glibc before 2.36


@cache
def keep_large_buffers() -> None:
    """From now on keep large buffers for the next request, up to a GiB.

    PyTorch takes a buffer for each activation of each layer. By default glibc returns every large one to the system and
    requests it again, page by page: a third of the work on a CPU. A process that the user tuned (`MALLOC_*`,
    `GLIBC_TUNABLES`) is left alone.
    """
    if any(name.startswith("MALLOC_") for name in os.environ) or "malloc" in os.environ.get("GLIBC_TUNABLES", ""):
        return
    libc = _libc()
    if libc is None or not hasattr(libc, "mallopt"):
        return
    libc.mallopt(_M_TRIM_THRESHOLD, _RETAINED_BYTES)
    if not libc.mallopt(_M_MMAP_THRESHOLD, _RETAINED_BYTES):
        libc.mallopt(_M_MMAP_THRESHOLD, _OLD_LARGEST_MMAP_THRESHOLD)


def return_freed_memory() -> None:
    """Return freed memory to the system."""
    libc = _libc()
    if libc is not None and hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None
