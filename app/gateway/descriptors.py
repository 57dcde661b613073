"""Budgets file descriptors at start: when they run out, neither an object nor a record can be written."""

import logging
import resource

from operators.errors import Reason, Refusal

logger = logging.getLogger(__name__)

_SELECT_LIMIT = 1024
"""pynetdicom waits for its connections by select(), which supports no higher descriptor."""

_FILES = 128
"""For the queue, logs, the app and libraries."""


def budget_descriptors(connections: int) -> None:
    """Make sure that the process may open enough files for all its connections; raise the soft limit if it is too low.

    Args:
        connections: largest number of all servers and targets together.

    Raises:
        Refusal: SETTINGS, when the hard limit is too low.
    """
    needed = connections + _FILES
    if needed > _SELECT_LIMIT:
        raise Refusal(
            Reason.SETTINGS,
            "The gateway has too many targets: they need more open files than one process can have. Run several "
            "gateways.",
        )
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise Refusal(
            Reason.SETTINGS,
            f"The process may open {hard} files but needs {needed}. Raise the limit: ulimit -n {needed}.",
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    logger.info("Limit of open files raised from %d to %d", soft, needed)
