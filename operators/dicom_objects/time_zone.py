"""The time zone that a source names, for the dates and times of the result (PS3.3 C.12.1.1.8).

Timezone Offset From UTC (0008,0201) holds for all dates and times of an object: those copied from the source and
those of the run must be in one zone.
"""

import re
from collections.abc import Iterable
from datetime import timedelta, timezone

from pydicom.dataset import Dataset

_OFFSET = re.compile(r"([+-])(\d\d)([0-5]\d)")
_EARLIEST, _LATEST = timedelta(hours=-12), timedelta(hours=14)


def source_time_zone(headers: Iterable[Dataset]) -> timezone | None:
    """Find the zone of a source.

    Args:
        headers: its headers.

    Returns:
        The zone that all headers name; None where they name none, different ones or an invalid one.
    """
    named = {str(header.get("TimezoneOffsetFromUTC") or "").strip() for header in headers}
    match = _OFFSET.fullmatch(named.pop()) if len(named) == 1 else None
    if match is None or match.group() == "-0000":  # which the standard forbids
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3])) * (-1 if match[1] == "-" else 1)
    return timezone(offset) if _EARLIEST <= offset <= _LATEST else None
