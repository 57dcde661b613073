"""The study's table: each method at each misalignment, the NCCT left unchanged first."""

import csv
from pathlib import Path

from scripts.evaluation.measures import measures
from scripts.evaluation.scoring import UNCHANGED
from scripts.evaluation.statistics import interval
from studies.comparison.study import MEASURED

_MEASURES = measures(MEASURED)


def summarise_study(scores: Path) -> list[dict[str, str]]:
    """Mean over the patients with a 95 % bootstrap interval.

    Args:
        scores: scores.csv of `run_study`.

    Returns:
        Rows of misalignment, method and the measures as text.
    """
    with scores.open(newline="") as file:
        rows = list(csv.DictReader(file))
    runs: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows:
        runs.setdefault((f"{float(row['misalignment_mm']):g}", row["method"]), []).append(row)
    first = next(iter(runs.values()))  # the held-out patients are the same in every run
    unchanged = [{measure.key: row.get(f"unchanged_{measure.key}", "0") for measure in _MEASURES} for row in first]
    return [_row("-", UNCHANGED, unchanged), *(_row(*run, patients) for run, patients in runs.items())]


def _row(misalignment_mm: str, method: str, patients: list[dict[str, str]]) -> dict[str, str]:
    values = {
        measure.title: interval(float(row[measure.key]) for row in patients).text(measure.style)
        for measure in _MEASURES
    }
    return {"misalignment, mm": misalignment_mm, "method": method, **values}
