"""The linking list: which case of the training folder is which patient of the source. It must stay on site.

Everything else that is written (volumes, report, datalist) names cases alone. The list is read again by the next run,
so that patients keep their case and their split, even when they are rejected or absent for some runs. Delete a row to
forget that patient. Used as a patients' list, it carries the splits over to another training folder.
"""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path

from cohorts.prepare.candidates import Candidate
from scripts.files import write_whole

LINKING_FILE = "linking.csv"
_COLUMNS = ("case", "patient", "split", "ncct", "cta")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def cases(candidates: list[Candidate], out: Path, keep_ids: bool) -> dict[str, str]:
    """Name of each patient's case: case-0001 and so on, or with `keep_ids` the source's own id made fit for a folder.

    Raises:
        ValueError: two ids become the same folder.
    """
    if keep_ids:
        case_of = {c.patient: _UNSAFE.sub("-", c.patient).strip(".-") or "unnamed" for c in candidates}
        if len(set(case_of.values())) < len(case_of):
            raise ValueError(
                "Ids of the source differ only in characters that folder names cannot have. Do not use keep_ids."
            )
        return case_of
    # Names of an earlier run with keep_ids are the source's ids, which this run must not show.
    known = {row["patient"]: row["case"] for row in _read(out) if re.fullmatch(r"case-\d+", row["case"])}
    taken = {int(case.removeprefix("case-")) for case in known.values()}
    free = (number for number in range(1, len(taken) + len(candidates) + 1) if number not in taken)
    return {c.patient: known.get(c.patient) or f"case-{next(free):04d}" for c in candidates}


def write_linking(
    candidates: list[Candidate], case_of: Mapping[str, str], splits: Mapping[str, str], out: Path
) -> None:
    """Write the list, readable by its owner only.

    Rows of patients who are not among the candidates stay, and so do splits of candidates that are given none: a
    patient who comes back must not change from test to training.

    Args:
        candidates: of this run.
        case_of: case by patient.
        splits: by case, of accepted patients.
        out: training folder.
    """
    rows = {row["patient"]: row for row in _read(out)}
    earlier = earlier_splits(out)
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for candidate in candidates:
        case = case_of[candidate.patient]
        scans = {"ncct": candidate.ncct, "cta": candidate.cta}
        paths = {role: str(scan.path) if scan else "" for role, scan in scans.items()}
        split = splits.get(case) or earlier.get(candidate.patient, "")
        writer.writerow({"case": case, "patient": candidate.patient, "split": split, **paths})
        rows.pop(candidate.patient, None)
    for row in rows.values():
        writer.writerow({column: row.get(column) or "" for column in _COLUMNS})
    path = out / LINKING_FILE
    if not path.exists():
        path.touch(mode=0o600)
    write_whole(path, text.getvalue())
    path.chmod(0o600)


def earlier_splits(out: Path) -> dict[str, str]:
    """Split by patient, of all who were accepted in an earlier run; by patient, as keep_ids changes cases."""
    return {row["patient"]: row["split"] for row in _read(out) if row["split"]}


def _read(out: Path) -> list[dict[str, str]]:
    path = out / LINKING_FILE
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
