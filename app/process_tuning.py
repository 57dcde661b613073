"""Tunes a process without the user's help: memory allocation, waiting threads, garbage collection."""

import ctypes
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

_MIB = 2**20
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -2, -3, -8  # malloc.h
_MALLOPT = {_M_ARENA_MAX: 1, _M_MMAP_THRESHOLD: 1024 * _MIB, _M_TRIM_THRESHOLD: 1024 * _MIB, _M_TOP_PAD: 64 * _MIB}
"""Large buffers come from one heap, which keeps freed memory. By default glibc returns each buffer to the system and
requests it again, page by page: a third of a run's work. A thread's own arena cannot hold buffers of that size."""

_OLD_LARGEST_MMAP_THRESHOLD = 32 * _MIB  # of glibc before 2.36

_VARIABLES = {
    "OMP_WAIT_POLICY": "PASSIVE",  # waiting threads sleep: on a shared machine, busy waiting doubles the work
    "THP_MEM_ALLOC_ENABLE": "1",  # PyTorch: large tensors on large pages, where the system has them
}


def tune_process() -> None:
    """Tune the process; call before PyTorch is imported. Variables that the environment already sets are left alone."""
    for name, value in _VARIABLES.items():
        os.environ.setdefault(name, value)
    if any(name.startswith("MALLOC_") for name in os.environ) or "malloc" in os.environ.get("GLIBC_TUNABLES", ""):
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):  # glibc
        for option, number in _MALLOPT.items():
            if not libc.mallopt(option, number) and option == _M_MMAP_THRESHOLD:
                libc.mallopt(option, _OLD_LARGEST_MMAP_THRESHOLD)


@contextmanager
def importing() -> Iterator[None]:
    """Import large libraries in this block: the garbage collector skips their objects, during the import and later.

    Their modules make a million objects that live as long as the process. Scanning these again and again took a third
    of the import time, and continued for the whole run.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
