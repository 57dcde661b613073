"""Turn whatever ended a run into a refusal with an exit code."""

import errno
import logging
import traceback

from operators.errors import Reason, Refusal, system_errno

logger = logging.getLogger(__name__)

_NO_MEMORY_WORDS = (
    "out of memory",  # PyTorch words it so, in a plain RuntimeError on the CPU
    "allocate",  # "cannot allocate memory", "failed to allocate"
    "bad_alloc",  # C++ libraries
    "can't start new thread",  # no room for its stack under a limit of the address space
    "failed to map segment",  # no room for a library
)


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
