"""The one clock of a study, so that a test can move it."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, with time zone."""
    return datetime.now(UTC)
