"""Convert the error that ended a run to a refusal and an exit code; every command of the app uses it."""

import errno
import logging
import resource
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

from app.logs import report_refusal
from operators.errors import Reason, Refusal, system_errno

logger = logging.getLogger(__name__)

_NO_MEMORY_WORDS = (
    "out of memory",  # PyTorch words it so, in a plain RuntimeError on the CPU
    "cannot allocate",
    "can't allocate",
    "could not allocate",
    "to allocate",  # "failed to allocate", "unable to allocate"
    "bad_alloc",  # C++ libraries
    "can't start new thread",  # no room for its stack under a limit of the address space
    "failed to map segment",  # no room for a library
    "resource temporarily unavailable",  # C++ threads
)

_FULL_SHARE = 0.75
"""Share of a limited address space from which an unexpected error counts as lack of memory. It is below 1, because the
error itself has freed some memory and the stack of a single thread takes 32 MiB."""

_broken_off: list[Exception] = []
"""Keeps the error that ended the process, and the objects in its frames, alive: if Holoscan's context is destroyed
after a thread could not be started, the process ends by a signal, which hides its exit code."""


def exit_code_of(run: Callable[[], int]) -> int:
    """Run a command; report an error as one line of JSON and as an exit code.

    Args:
        run: the command, which returns its exit code.

    Returns:
        Exit code, of `operators.errors.ExitCode`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom's warnings quote values of the header
            return int(run())
    except Exception as error:  # the one place where every failure becomes an exit code
        refusal = as_refusal(error)
        report_refusal(refusal)
        if refusal.reason in (Reason.INTERNAL, Reason.OUT_OF_MEMORY):
            _broken_off[:] = [error]
        return int(refusal.exit_code)


def as_refusal(error: Exception) -> Refusal:
    """Find the refusal for an error.

    The text of an unexpected error may hold a path or a value of a header, so only its type is reported, and at DEBUG
    level its location in the code.

    Args:
        error: what ended the run.

    Returns:
        The refusal to report.
    """
    if isinstance(error, Refusal):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    logger.debug("%s at %s", type(error).__name__, " < ".join(f"{frame.name}:{frame.lineno}" for frame in frames[::-1]))
    if _lacks_memory(error):
        return Refusal(Reason.OUT_OF_MEMORY, "Not enough memory for this series. Free memory or use a larger machine.")
    if isinstance(error, OSError) and system_errno(error) in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        return Refusal(Reason.CANNOT_WRITE, "The disk is full or read-only.")
    return Refusal(
        Reason.INTERNAL, f"Internal error ({type(error).__name__}). Run again with --log-level DEBUG and report it."
    )


def _lacks_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError) or any(words in str(error).lower() for words in _NO_MEMORY_WORDS):
        return True
    if isinstance(error, OSError):
        return system_errno(error) in (errno.ENOMEM, errno.EAGAIN)
    return _address_space_is_full()  # libraries in C++ word it in many ways


def _address_space_is_full() -> bool:
    """Whether a limit of the address space (ulimit -v, RLIMIT_AS) is nearly reached."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return False
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize() > _FULL_SHARE * limit
