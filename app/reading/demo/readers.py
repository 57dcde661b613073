"""Simulated readers: they know the phantom's disease, and err at rates that are written here."""

import random
from datetime import datetime, timedelta

from app.reading.protocol.items import CRITERIA, DIAGNOSES
from app.reading.protocol.schedule import CTA
from app.reading.study.answers import open_case, protocol_of, submit
from app.reading.study.consensus import ConsensusCase, cases, decide, open_items, values_by_item
from app.reading.study.models import Reader, Role, Scan, Study
from app.reading.study.progress import next_case_of

_SCORE_ODDS = {CTA: (0.01, 0.07), "syn_cta": (0.04, 0.24)}  # of a 1, of a 2
_RIGHT = {CTA: 0.95, "syn_cta": 0.86}


def answer(scan: Scan, reader: int, rng: random.Random) -> dict[str, str]:
    """The answer of one simulated reader to a scan."""
    values = {}
    # Readers agree on most scans: they share a random draw for the scan and deviate from it now and then.
    shared = random.Random(f"{scan.patient.code} {scan.arm}")
    for criterion in CRITERIA:
        common, own = shared.random(), rng.random()
        drawn = own if rng.random() < 0.25 + 0.05 * reader else common
        poor, fair = _SCORE_ODDS[scan.arm]
        values[criterion] = "1" if drawn < poor else "2" if drawn < poor + fair else "3"
    right = rng.random() < _RIGHT[scan.arm]
    others = [name for name in DIAGNOSES if name != scan.patient.disease]
    values["diagnosis"] = scan.patient.disease if right else rng.choice(others)
    values["confidence"] = str(rng.choice((4, 5, 5) if right else (1, 2, 3)))
    return values


def answer_all_cases(start: datetime) -> datetime:
    """Let all readers answer all open cases, period by period, by the rules of the study.

    Args:
        start: when they begin.

    Returns:
        When they are done.
    """
    protocol = protocol_of(Study.objects.get())
    at = start
    readers = list(Reader.objects.filter(role=Role.READER).order_by("number"))
    rngs = {reader.code: random.Random(f"{protocol.seed} simulated {reader.code}") for reader in readers}
    while any(next_case_of(reader, protocol).assignment for reader in readers):
        for reader in readers:
            rng = rngs[reader.code]
            while (case := next_case_of(reader, protocol).open_case(at)) is not None:
                open_case(reader, at)
                seconds = rng.randint(40, 180)
                at += timedelta(seconds=seconds)
                said = answer(case.scan, reader.number, rng)
                submit(reader, case.token, said, seconds, at)
        at += timedelta(days=protocol.washout_days)
    return at


def decide_all_items(at: datetime) -> int:
    """Decide each disputed item: the disease where it was named, else the first of the sorted answers.

    Returns:
        Number of scans that were disputed.
    """
    disputed: list[ConsensusCase] = cases()
    for case in disputed:
        given = values_by_item(case.scan)
        values = {}
        for item in open_items(case.scan):
            named = case.scan.patient.disease if item == "diagnosis" else None
            values[item] = named if named in given[item] else given[item][0]
        decide(case.token, values, "C1", at)
    return len(disputed)
