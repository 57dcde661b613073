"""Accept an answer once: a repeated request changes nothing, another answer to the same case is refused."""

import json
from datetime import datetime

from django.db import transaction

from app.reading.protocol.items import check_answer
from app.reading.protocol.protocol import Protocol, protocol_from
from app.reading.study.events import append_event, study_for_writing
from app.reading.study.models import Answer, Assignment, Reader, Study, Viewing
from app.reading.study.progress import next_case_of

_MAX_SECONDS = 24 * 3600
_NUMBERS = ("wall_clarity", "lumen_edge_clarity", "lumen_wall_contrast", "confidence")


class CaseNotOpen(Exception):
    """The case is not this reader's next one, or not open yet."""


class AlreadyAnswered(Exception):
    """The case already has another answer."""


def protocol_of(study: Study) -> Protocol:
    """The frozen protocol."""
    return protocol_from(json.loads(study.protocol))


def open_case(reader: Reader, at: datetime) -> Viewing:
    """Open the next case, or continue with it.

    Raises:
        CaseNotOpen: there is none, or it is not open yet.
    """
    next_case = next_case_of(reader, protocol_of(Study.objects.get()))
    if not next_case.is_open(at):
        raise CaseNotOpen
    viewing, _ = Viewing.objects.get_or_create(assignment=next_case.assignment, defaults={"opened_at": at})
    return viewing


def save_draft(reader: Reader, token: str, given: dict[str, str], seconds: int, screen: str, renderer: str) -> None:
    """Store the choices so far, and the time spent.

    Raises:
        CaseNotOpen: the case is not under way.
        StudyLocked: after the lock.
    """
    with transaction.atomic():
        study_for_writing()
        viewing = Viewing.objects.filter(
            assignment__reader=reader, assignment__token=token, assignment__answer__isnull=True
        ).first()
        if viewing is None:
            raise CaseNotOpen
        viewing.draft = {name: value[:32] for name, value in given.items()}
        viewing.active_seconds = min(max(viewing.active_seconds, seconds), _MAX_SECONDS)
        viewing.screen, viewing.renderer = screen[:64], renderer[:16]
        viewing.save()


def submit(reader: Reader, token: str, given: dict[str, str], seconds: int, at: datetime) -> Answer:
    """Store an answer and its event, in one transaction.

    Args:
        reader: whose case it must be.
        token: of the case.
        given: value of each item, as text.
        seconds: active time.
        at: now.

    Returns:
        The stored answer; the earlier one when the same was submitted before.

    Raises:
        CaseNotOpen: another case is next, or it is not open yet.
        AlreadyAnswered: the case has another answer.
        StudyLocked: after the lock.
        ValueError: an item is missing or wrong, with a text for the reader.
    """
    with transaction.atomic():
        protocol = protocol_of(study_for_writing())
        values = check_answer(given, ask_origin=protocol.ask_origin)
        assignment = Assignment.objects.filter(reader=reader, token=token).select_related("reader").first()
        if assignment is None:
            raise CaseNotOpen
        earlier = Answer.objects.filter(assignment=assignment).first()
        if earlier is not None:
            if {name: str(getattr(earlier, name)) for name in values} != values:
                raise AlreadyAnswered
            return earlier
        next_case = next_case_of(reader, protocol)
        if next_case.assignment != assignment or not next_case.is_open(at):
            raise CaseNotOpen
        typed = {name: int(value) if name in _NUMBERS else value for name, value in values.items()}
        active = min(max(seconds, 0), _MAX_SECONDS)
        answer = Answer.objects.create(assignment=assignment, **typed, active_seconds=active, submitted_at=at)
        append_event(reader.code, "answered", answer_payload(answer), at)
        return answer


def answer_payload(answer: Answer) -> dict[str, str | int]:
    """An answer as stored in the audit chain: every column."""
    return {
        "case": answer.assignment.token,
        "reader": answer.assignment.reader.code,
        "wall_clarity": answer.wall_clarity,
        "lumen_edge_clarity": answer.lumen_edge_clarity,
        "lumen_wall_contrast": answer.lumen_wall_contrast,
        "diagnosis": answer.diagnosis,
        "confidence": answer.confidence,
        "origin": answer.origin,
        "active_seconds": answer.active_seconds,
        "submitted_at": answer.submitted_at.isoformat(),
    }
