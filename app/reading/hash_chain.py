"""The hash chain of events: each link holds the digest of the one before, which reveals changed or removed links."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

START = "0" * 64


@dataclass(frozen=True)
class Link:
    """One event.

    Attributes:
        sequence: from 1.
        at: ISO 8601 with time zone.
        actor: code of who did it, or "system".
        action: what was done.
        payload: canonical JSON of what it was done with.
        previous_hash: hash of the link before; `START` for the first.
        hash: digest of all the above.
    """

    sequence: int
    at: str
    actor: str
    action: str
    payload: str
    previous_hash: str
    hash: str


def canonical(payload: dict[str, Any]) -> str:
    """The same text for the same content."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(sequence: int, at: str, actor: str, action: str, payload: str, previous_hash: str) -> str:
    """SHA-256 of a link's content."""
    content = json.dumps([sequence, at, actor, action, payload, previous_hash], separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def next_link(previous: Link | None, *, at: str, actor: str, action: str, payload: dict[str, Any]) -> Link:
    """Make the link that follows."""
    sequence = previous.sequence + 1 if previous else 1
    previous_hash = previous.hash if previous else START
    text = canonical(payload)
    return Link(
        sequence, at, actor, action, text, previous_hash, digest(sequence, at, actor, action, text, previous_hash)
    )


def broken_links(links: Iterable[Link]) -> list[str]:
    """Check a chain.

    Args:
        links: all, in order.

    Returns:
        What is wrong, in words; empty for a sound chain.
    """
    problems = []
    expected_sequence, expected_previous = 1, START
    for link in links:
        if link.sequence != expected_sequence:
            problems.append(f"event {expected_sequence} is missing before event {link.sequence}")
        elif link.previous_hash != expected_previous:
            problems.append(f"event {link.sequence} does not follow the event before it")
        content = (link.sequence, link.at, link.actor, link.action, link.payload, link.previous_hash)
        if digest(*content) != link.hash:
            problems.append(f"event {link.sequence} ({link.action} by {link.actor}, {link.at}) was edited")
        expected_sequence, expected_previous = link.sequence + 1, link.hash
    return problems
