"""Consensus: exactly the items on which readers differ, decided by them together."""

import secrets
from datetime import datetime

from django.db import transaction

from app.reading.protocol.items import CRITERIA, Item, items
from app.reading.study.events import append_event, study_for_writing
from app.reading.study.models import Answer, Assignment, Consensus, ConsensusCase, Scan

CONSENSUS_ITEMS = (*CRITERIA, "diagnosis")


class ReadingNotComplete(Exception):
    """Consensus begins when all readers are done."""


class NothingToDecide(Exception):
    """The item is agreed on already."""


def reading_is_complete() -> bool:
    """Whether every case of every reader is answered."""
    return not Assignment.objects.filter(answer__isnull=True).exists()


def values_by_item(scan: Scan) -> dict[str, list[str]]:
    """Sorted answers to each item of consensus, repeats left out, without the readers' names."""
    answers = list(Answer.objects.filter(assignment__scan=scan, assignment__is_repeat=False))
    return {name: sorted(str(getattr(answer, name)) for answer in answers) for name in CONSENSUS_ITEMS}


def differing_items(scan: Scan) -> list[str]:
    """Items on which readers differ, decided or not."""
    return [name for name, values in values_by_item(scan).items() if len(set(values)) > 1]


def open_items(scan: Scan) -> list[str]:
    """Items that are still to be decided."""
    decided = set(scan.consensus.values_list("item", flat=True))
    return [name for name in differing_items(scan) if name not in decided]


def cases() -> list[ConsensusCase]:
    """All scans on which readers differ, in random order, with a token each.

    Raises:
        ReadingNotComplete: before all readers are done.
    """
    if not reading_is_complete():
        raise ReadingNotComplete
    with transaction.atomic():
        for scan in Scan.objects.select_for_update().filter(patient__is_training=False):
            if differing_items(scan):
                ConsensusCase.objects.get_or_create(scan=scan, defaults={"token": secrets.token_urlsafe(16)})
    return list(ConsensusCase.objects.select_related("scan").order_by("token"))


def decide(token: str, values: dict[str, str], actor: str, at: datetime) -> None:
    """Store what was agreed on, in one transaction; the same decision sent again changes nothing.

    Args:
        token: of the consensus case.
        values: value of each open item.
        actor: who is logged in.
        at: now.

    Raises:
        ConsensusCase.DoesNotExist: for an unknown token.
        NothingToDecide: an item is decided already by another value, or was never in dispute.
        StudyLocked: after the lock.
        ValueError: a value is none of the choices, or an item is left out.
    """
    with transaction.atomic():
        study_for_writing()
        scan = ConsensusCase.objects.select_related("scan").get(token=token).scan
        decided = dict(scan.consensus.values_list("item", "value"))
        if values and values.items() <= decided.items():
            return
        due = open_items(scan)
        if not due or set(values) - set(due):
            raise NothingToDecide
        for item in questions(due):
            value = values.get(item.name, "")
            if value not in {choice for choice, _ in item.choices}:
                raise ValueError(f"{item.question}: choose one of {', '.join(label for _, label in item.choices)}.")
            made = Consensus.objects.create(scan=scan, item=item.name, value=value, decided_at=at)
            append_event(actor, "agreed", consensus_payload(made), at)


def questions(names: list[str]) -> list[Item]:
    """The questions of some items."""
    return [item for item in items(ask_origin=False) if item.name in names]


def consensus_payload(consensus: Consensus) -> dict[str, str]:
    """A decision as stored in the audit chain: every column."""
    return {
        "volume": consensus.scan.volume,
        "item": consensus.item,
        "value": consensus.value,
        "decided_at": consensus.decided_at.isoformat(),
    }
