"""Lists that a user gives: pairs by path, and what is known of each patient. CSV with a header row, or JSON."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from cohorts.prepare.candidates import Candidate, Scan
from cohorts.prepare.reasons import PairRejected, Reason

PATIENT_COLUMNS = ("patient", "region", "label", "split", "exclude")
_NOT_EXCLUDED = ("0", "no", "false")
_SEPARATORS = (",", ";", "\t")
_SPLIT_SYNONYMS = {
    "training": "training",
    "train": "training",
    "validation": "validation",
    "val": "validation",
    "valid": "validation",
    "test": "test",
    "testing": "test",
}
"""Any word is a split, but these are the ones that training and evaluation read; a patient must not miss them."""


def read_pairs(path: Path, source: Path) -> list[Candidate]:
    """Read a list of pairs.

    Columns: patient, ncct, cta, and if known region, label, split; `masks` (paths with ; between) in place of ncct for
    CTA with vessel masks only. Paths are relative to the source folder and name an image file or a DICOM folder.

    Raises:
        ValueError: the list is no table, a row has no patient or another word for a split.
        FileNotFoundError: there is no such list.
    """
    candidates = []
    for row in read_rows(path):
        ncct, cta = (Scan(source / row[key]) if row.get(key) else None for key in ("ncct", "cta"))
        masks = tuple(source / name for name in str(row.get("masks") or "").split(";") if name)
        region, label, split = (row.get(key) or None for key in ("region", "label", "split"))
        candidates.append(
            Candidate(row["patient"], ncct, cta, masks, region=region, label=label, split=split).checked()
        )
    return sorted(candidates, key=lambda candidate: candidate.patient)


def read_patients(path: Path) -> dict[str, dict[str, str]]:
    """Read what is known of patients: columns patient and any of region, label, split, exclude (a reason in words).

    In the column exclude 0, no and false exclude nobody.

    The linking list of another training folder is such a list: it takes over that folder's splits.

    Returns:
        Values by patient, empty ones left out.

    Raises:
        ValueError: the list is no table, a row has no patient or another word for a split, or two rows have the same.
        FileNotFoundError: there is no such list.
    """
    known: dict[str, dict[str, str]] = {}
    for row in read_rows(path):
        if row["patient"] in known:
            raise ValueError(f"{path.name}: a patient has two rows. Give one row for each patient.")
        if row.get("exclude", "").lower() in _NOT_EXCLUDED:
            row["exclude"] = ""
        known[row["patient"]] = {key: row[key] for key in PATIENT_COLUMNS[1:] if row.get(key)}
    return known


def apply_patients(candidates: list[Candidate], known: dict[str, dict[str, str]]) -> list[Candidate]:
    """The candidates with the values of a patients' list, which take precedence over those of the source."""
    applied = []
    for candidate in candidates:
        values: dict[str, Any] = dict(known.get(candidate.patient, {}))
        excluded = values.pop("exclude", None)
        candidate = replace(candidate, **values)
        if excluded is not None:
            candidate = replace(candidate, rejected=PairRejected(Reason.EXCLUDED, excluded))
        applied.append(candidate)
    return applied


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV, of a JSON list, or of a JSON object of lists by split; every row has a patient."""
    if not path.is_file():
        raise FileNotFoundError(f"No list at {path}.")
    if path.suffix.lower() == ".json":
        values = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(values, dict):
            values = [{"split": split} | row for split, rows in values.items() for row in rows]
        rows = [{key: str(value) for key, value in row.items() if value is not None} for row in values]
    else:
        rows = _csv_rows(path)
    for number, row in enumerate(rows, start=1):
        if not row.get("patient"):
            raise ValueError(f"{path.name}: row {number} has no patient. The columns are {', '.join(row)}.")
        split = row.get("split", "")
        if (meaning := _SPLIT_SYNONYMS.get(split.lower(), split)) != split:
            raise ValueError(f"{path.name}: row {number} has the split {split}. Write {meaning}.")
    return rows


def _csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        header = file.readline()
        separator = max(_SEPARATORS, key=header.count)
        if separator not in header:
            raise ValueError(f"{path.name}: the first row must name the columns, separated by comma, semicolon or tab.")
        file.seek(0)
        # strict: a quote that is never closed would swallow the rows after it
        reader = csv.DictReader(file, delimiter=separator, skipinitialspace=True, strict=True)
        try:
            rows: list[dict[Any, Any]] = list(reader)
        except csv.Error as error:
            raise ValueError(f"{path.name}: line {reader.line_num} is not valid CSV ({error}).") from error
    for number, row in enumerate(rows, start=1):
        if any(row.pop(None, [])):
            raise ValueError(
                f"{path.name}: row {number} has more cells than columns. Quote text with {separator} in it."
            )
    return [{key.strip(): (value or "").strip() for key, value in row.items() if key} for row in rows]
