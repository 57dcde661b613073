"""Progress of a long stage: a bar on a terminal, else a log line now and then."""

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

logger = logging.getLogger(__name__)

LINE_EVERY_S = 10.0

_Item = TypeVar("_Item")


def with_progress(items: Iterable[_Item], total: int, *, stage: str, unit: str) -> Iterator[_Item]:
    """Yield items; an item counts as done when the next one is requested.

    Args:
        items: what is worked on.
        total: how many there are.
        stage: what is done to them.
        unit: what they are called, in the singular.

    Yields:
        The items.
    """
    if sys.stderr.isatty():
        yield from tqdm(items, total=total, desc=stage, unit=unit, leave=False, file=sys.stderr)
        return
    start_s = line_s = time.monotonic()
    logger.info("%s: 0 of %d %ss", stage, total, unit)
    for done, item in enumerate(items):
        now_s = time.monotonic()
        if done and now_s - line_s >= LINE_EVERY_S:
            line_s = now_s
            left_s = (now_s - start_s) / done * (total - done)
            logger.info("%s: %d of %d %ss, %.0f s left", stage, done, total, unit, left_s)
        yield item
