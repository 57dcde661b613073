"""Append to the audit chain, and lock the study against other writers meanwhile."""

from datetime import datetime
from typing import Any

from app.reading.hash_chain import Link, next_link
from app.reading.study.models import Event, Study


class StudyLocked(Exception):
    """A write after the lock."""


def study_for_writing() -> Study:
    """The study's row, locked until the transaction ends: only one writer at a time.

    Raises:
        StudyLocked: after the lock.
    """
    study = Study.objects.select_for_update().get()
    if study.locked_at is not None:
        raise StudyLocked
    return study


def append_event(actor: str, action: str, payload: dict[str, Any], at: datetime) -> Link:
    """Append one event; call within a transaction.

    Args:
        actor: code of who did it.
        action: what.
        payload: with what; no patient data beside codes.
        at: when.

    Returns:
        The new end of the chain.
    """
    list(Study.objects.select_for_update().values_list("pk"))
    last = Event.objects.order_by("-sequence").first()
    link = next_link(as_link(last) if last else None, at=at.isoformat(), actor=actor, action=action, payload=payload)
    Event.objects.create(**vars(link))
    return link


def as_link(event: Event) -> Link:
    """A stored event as a link of the chain."""
    return Link(event.sequence, event.at, event.actor, event.action, event.payload, event.previous_hash, event.hash)
