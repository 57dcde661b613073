"""Where a companion goes: its UIDs and its place among the series of the run."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Place:
    """A series with one object.

    Attributes:
        series_uid: Series Instance UID.
        series_number: Series Number.
        instance_uid: SOP Instance UID.
    """

    series_uid: str
    series_number: int
    instance_uid: str

    @property
    def keywords(self) -> dict[str, Any]:
        """The arguments by which highdicom's classes take it."""
        return {
            "series_instance_uid": self.series_uid,
            "series_number": self.series_number,
            "sop_instance_uid": self.instance_uid,
            "instance_number": 1,
        }
