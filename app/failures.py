"""From whatever ended a run to a refusal and an exit code: the one way in which every command of the app ends."""

import errno
import logging
import traceback
import warnings
from collections.abc import Callable

from app.logs import report_refusal
from operators.errors import Reason, Refusal, system_errno

logger = logging.getLogger(__name__)

_NO_MEMORY_WORDS = (
    "out of memory",  # PyTorch words it so, in a plain RuntimeError on the CPU
    "allocate",  # "cannot allocate memory", "failed to allocate"
    "bad_alloc",  # C++ libraries
    "can't start new thread",  # no room for its stack under a limit of the address space
    "failed to map segment",  # no room for a library
)


def exit_code_of(run: Callable[[], int]) -> int:
    """Run a command; what ends it is told in one line of JSON and becomes an exit code.

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
        return int(refusal.exit_code)


def as_refusal(error: Exception) -> Refusal:
    """Find the refusal for an error.

    The text of an unexpected error may hold a path or a value of a header, so only its type is told, and at DEBUG
    level where in the code it arose.

    Args:
        error: what ended the run.

    Returns:
        The refusal to report.
    """
    if isinstance(error, Refusal):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    logger.debug("%s at %s", type(error).__name__, " < ".join(f"{frame.name}:{frame.lineno}" for frame in frames[::-1]))
    out_of_room = isinstance(error, OSError) and system_errno(error) in (errno.ENOMEM, errno.EAGAIN)
    if isinstance(error, MemoryError) or out_of_room or any(words in str(error).lower() for words in _NO_MEMORY_WORDS):
        return Refusal(Reason.OUT_OF_MEMORY, "Not enough memory for this series. Free memory or use a larger machine.")
    if isinstance(error, OSError) and system_errno(error) in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        return Refusal(Reason.CANNOT_WRITE, "The disk is full or read-only.")
    return Refusal(
        Reason.INTERNAL, f"Internal error ({type(error).__name__}). Run again with --log-level DEBUG and report it."
    )
