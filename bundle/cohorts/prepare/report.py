"""The report of a run: report.json for programs, report.html to look at. Cases only, nothing that names a patient."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from cohorts.prepare.page import render
from cohorts.prepare.pair import Outcome
from cohorts.prepare.reasons import ADVICE, Reason
from scripts.files import write_whole

JSON_FILE = "report.json"
PAGE_FILE = "report.html"


def summarise(
    outcomes: Sequence[Outcome],
    records: Mapping[str, Mapping[str, str]],
    settings: Mapping,
    notes: Sequence[str],
    warnings: Sequence[str],
) -> dict:
    """Collect the report.

    Args:
        outcomes: of all cases.
        records: region, label and (if accepted) split by case.
        settings: what the run was started with, without paths.
        notes: remarks on the whole run.
        warnings: problems that make results wrong when they are ignored.

    Returns:
        What report.json holds.
    """
    accepted = [outcome for outcome in outcomes if outcome.reason is None]
    rejected = [outcome for outcome in outcomes if outcome.reason is not None]
    rows = {outcome.case: _row(outcome, records[outcome.case]) for outcome in outcomes}
    return {
        "counts": {
            "accepted": len(accepted),
            "rejected": len(rejected),
            "slices": sum(int(outcome.figures["slices"]) for outcome in accepted),
            **{f"by_{key}": _count(rows, accepted, key) for key in ("split", "region", "label")},
            "by_reason": dict(Counter(str(outcome.reason) for outcome in rejected).most_common()),
        },
        "warnings": list(warnings),
        "notes": list(notes),
        "settings": dict(settings),
        "accepted": [rows[outcome.case] for outcome in accepted],
        "rejected": [rows[outcome.case] for outcome in rejected],
    }


def write_report(report: dict, out: Path) -> None:
    """Write both files, each whole or not at all."""
    write_whole(out / JSON_FILE, json.dumps(report, indent=1) + "\n")
    write_whole(out / PAGE_FILE, render(report))


def _row(outcome: Outcome, record: Mapping[str, str]) -> dict:
    values = {key: value for key, value in asdict(outcome).items() if key not in ("key", "volumes", "region")}
    if outcome.reason is None:
        del values["reason"], values["detail"]
    else:
        values["advice"] = ADVICE[Reason(outcome.reason)]
    return values | dict(record)


def _count(rows: Mapping[str, dict], accepted: Sequence[Outcome], key: str) -> dict[str, int]:
    return dict(sorted(Counter(rows[outcome.case][key] for outcome in accepted).items()))
