"""Verify a study: the chain is whole, and answers, decisions, schedule, patients and volumes are what it says."""

import json

from app.reading.hash_chain import Link, broken_links, canonical
from app.reading.study.answers import answer_payload, protocol_of
from app.reading.study.baseline_digests import baseline_digests
from app.reading.study.consensus import consensus_payload
from app.reading.study.events import as_link
from app.reading.study.models import Answer, Consensus, Event, Study


def verify_study(head: str | None = None) -> list[str]:
    """Check everything that is stored.

    Args:
        head: hash of an event that was written down earlier (`lock` prints one); it must be in the chain.

    Returns:
        What is wrong, in words that name the row; empty for a sound study.
    """
    links = [as_link(event) for event in Event.objects.order_by("sequence")]
    problems = broken_links(links)
    if head and head not in {link.hash for link in links}:
        problems.append(f"no event has the hash {head}: events were removed or replaced")
    problems += _baseline_problems(links)
    problems += _answer_problems(links)
    problems += _consensus_problems(links)
    return problems


def _baseline_problems(links: list[Link]) -> list[str]:
    study = Study.objects.get()
    created = [json.loads(link.payload) for link in links if link.action == "created"]
    if len(created) != 1:
        return [f"there are {len(created)} creation events instead of one"]
    stored = {"protocol_sha256": protocol_of(study).sha256}
    try:
        stored |= baseline_digests()
    except OSError:
        return ["a volume is missing or cannot be read"]
    names = {
        "protocol": "the protocol",
        "schedule": "the schedule",
        "patients": "patients or scans",
        "volumes": "a volume",
    }
    problems = [
        f"{name} was edited after the study was created"
        for kind, name in names.items()
        if stored[f"{kind}_sha256"] != created[0].get(f"{kind}_sha256")
    ]
    locked = [link for link in links if link.action == "locked"]
    if bool(locked) != (study.locked_at is not None):
        problems.append("the study's lock and the chain do not agree")
    return problems


def _answer_problems(links: list[Link]) -> list[str]:
    answers = Answer.objects.select_related("assignment__reader").order_by("pk")
    stored = {answer.assignment.token: answer_payload(answer) for answer in answers}
    return _compared(
        {token: (canonical(row), f"the answer of {row['reader']} to case {token}") for token, row in stored.items()},
        {(content := json.loads(link.payload))["case"]: (link, content) for link in links if link.action == "answered"},
    )


def _consensus_problems(links: list[Link]) -> list[str]:
    stored = {}
    for row in map(consensus_payload, Consensus.objects.select_related("scan").order_by("pk")):
        key = f"{row['volume']} {row['item']}"
        stored[key] = (canonical(row), f"the consensus on {row['item']} of volume {row['volume']}")
    events = {}
    for link in links:
        if link.action == "agreed":
            content = json.loads(link.payload)
            events[f"{content['volume']} {content['item']}"] = (link, content)
    return _compared(stored, events)


def _compared(stored: dict[str, tuple[str, str]], events: dict[str, tuple[Link, dict]]) -> list[str]:
    problems = []
    for key, (text, name) in stored.items():
        if key not in events:
            problems.append(f"{name} has no event: it was added by hand")
        elif canonical(events[key][1]) != text:
            link = events[key][0]
            problems.append(f"{name} was edited: it is not what event {link.sequence} of {link.at} holds")
    problems += [
        f"event {link.sequence} ({link.action} by {link.actor}) has no row: it was deleted"
        for key, (link, _) in events.items()
        if key not in stored
    ]
    return problems
