"""The next case of a reader, or why there is none now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.reading.protocol.protocol import Protocol
from app.reading.protocol.schedule import TRAINING_PERIOD
from app.reading.study.models import Answer, Assignment, Reader


@dataclass(frozen=True)
class NextCase:
    """The next case of a reader.

    Attributes:
        assignment: the case that is next; None at the end.
        opens_at: from when it may be read; None for at once.
        number, total: of cases in its period, for the page.
    """

    assignment: Assignment | None
    opens_at: datetime | None = None
    number: int = 0
    total: int = 0

    def open_case(self, at: datetime) -> Assignment | None:
        """The case, when it may be read now."""
        return self.assignment if self.is_open(at) else None

    def is_open(self, at: datetime) -> bool:
        """Whether the case may be read now."""
        return self.assignment is not None and (self.opens_at is None or at >= self.opens_at)


def next_case_of(reader: Reader, protocol: Protocol) -> NextCase:
    """Find the next case.

    Args:
        reader: who asks.
        protocol: says how long the washout is.
    """
    assignment = reader.assignments.filter(answer__isnull=True).order_by("position").select_related("scan").first()
    if assignment is None:
        return NextCase(None)
    period = reader.assignments.filter(period=assignment.period)
    number = period.filter(position__lte=assignment.position).count()
    return NextCase(assignment, _opens_at(assignment, protocol), number, period.count())


def _opens_at(assignment: Assignment, protocol: Protocol) -> datetime | None:
    """Washout: days after this reader's last answer of the period before; training needs none."""
    before = assignment.period - 1
    if before <= TRAINING_PERIOD:
        return None
    last = (
        Answer.objects.filter(assignment__reader=assignment.reader, assignment__period=before)
        .order_by("-submitted_at")
        .first()
    )
    return last.submitted_at + timedelta(days=protocol.washout_days) if last else None
