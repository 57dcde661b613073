"""Tunes a process without the user's help: memory allocation, waiting threads, garbage collection."""

import ctypes
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

_MIB = 2**20
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -2, -3, -8  # malloc.h
_MALLOPT = {_M_ARENA_MAX: 1, _M_MMAP_THRESHOLD: 16 * _MIB, _M_TRIM_THRESHOLD: 1024 * _MIB, _M_TOP_PAD: 64 * _MIB}
"""Buffers come from one heap, which keeps freed memory: a thread's own arena cannot hold large ones. Volumes and pieces
of them go back to the system when they are freed; in the heap they would leave gaps of a GiB in all. They are few, but
where PyTorch runs the network its activations are as large: see `scripts.runtime.memory`."""

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
            libc.mallopt(option, number)


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
