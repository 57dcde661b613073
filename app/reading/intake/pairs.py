"""The list of pairs, pairs.csv."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.reading.intake.dicomweb import is_uid
from app.reading.protocol.items import DIAGNOSES
from app.reading.protocol.protocol import Protocol
from operators.errors import Reason, Refusal

COLUMNS = ("patient", "cta", "syn_cta", "region", "disease", "truth", "training")
REGIONS = ("neck", "chest", "abdomen")
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0", "")


@dataclass(frozen=True)
class Pair:
    """One patient of the list.

    Attributes:
        patient: identifier at the site; goes into key.csv alone.
        cta, syn_cta: DICOM folder or image file; a Series Instance UID (text) of a DICOMweb server.
        region: of `REGIONS`.
        disease: the known or suspected diagnosis, by which the study is balanced.
        truth: diagnosis by a panel or by follow-up; None where the column is empty.
        training: read in training alone.
    """

    patient: str
    cta: Path | str
    syn_cta: Path | str
    region: str
    disease: str
    truth: str | None
    training: bool


def read_pairs(path: Path, protocol: Protocol, *, dicomweb: bool = False) -> list[Pair]:
    """Read pairs.csv; paths in it are relative to its folder.

    Args:
        path: the file.
        protocol: says how many training cases there must be, and whether the truth is a panel's.
        dicomweb: cells may hold Series Instance UIDs instead of paths.

    Raises:
        Refusal: NO_INPUT or SETTINGS, with the line and what is wrong there. Patients are not named.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="")
            header, rows = reader.fieldnames or [], list(reader)
    except OSError as error:
        raise Refusal(Reason.NO_INPUT, f"The list of pairs cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refusal(
            Reason.SETTINGS, "The list of pairs cannot be read as CSV in UTF-8. Save it in this format."
        ) from error
    if missing := [name for name in COLUMNS[:5] if name not in header]:
        raise Refusal(Reason.SETTINGS, f"pairs.csv has no column {missing[0]}. It needs {', '.join(COLUMNS[:5])}.")
    pairs = [_pair(row, path.parent, number, dicomweb) for number, row in enumerate(rows, start=2)]
    names = [pair.patient for pair in pairs]
    if twice := next((i for i, name in enumerate(names) if name in names[:i]), None):
        raise Refusal(Reason.SETTINGS, f"pairs.csv, line {twice + 2}: this patient is already on an earlier line.")
    _check_study(pairs, protocol)
    return pairs


def _pair(row: dict[Any, Any], folder: Path, line: int, dicomweb: bool) -> Pair:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}

    def fail(text: str) -> Refusal:
        return Refusal(Reason.SETTINGS, f"pairs.csv, line {line}: {text}")

    if any(row.get("") or ""):
        raise fail("it has more cells than columns.")
    for name in ("patient", "cta", "syn_cta"):
        if not cells[name]:
            raise fail(f"{name} is empty.")
    for name, allowed in (("region", REGIONS), ("disease", DIAGNOSES)):
        if cells[name] not in allowed:
            raise fail(f"{name} must be one of {', '.join(allowed)}.")
    if cells["truth"] and cells["truth"] not in DIAGNOSES:
        raise fail(f"truth must be empty or one of {', '.join(DIAGNOSES)}.")
    if cells["training"].lower() not in _YES + _NO:
        raise fail("training must be yes or no.")

    def source(name: str) -> Path | str:
        place = folder / cells[name]
        if place.exists():
            return place
        if not is_uid(cells[name]):
            raise fail(f"the path in {name} does not exist.")
        if not dicomweb:
            raise fail(f"{name} is a UID. Give the server that has it: --dicomweb https://...")
        return cells[name]

    cta, syn_cta = source("cta"), source("syn_cta")
    training = cells["training"].lower() in _YES
    return Pair(cells["patient"], cta, syn_cta, cells["region"], cells["disease"], cells["truth"] or None, training)


def _check_study(pairs: list[Pair], protocol: Protocol) -> None:
    training = sum(pair.training for pair in pairs)
    if len(pairs) - training < 2:
        raise Refusal(Reason.SETTINGS, "pairs.csv has fewer than two patients beside the training cases.")
    if 2 * training < protocol.training_cases:
        raise Refusal(
            Reason.SETTINGS,
            f"The protocol has training_cases: {protocol.training_cases}. This needs at least "
            f"{-(-protocol.training_cases // 2)} patients with training = yes; pairs.csv has {training}. Mark more "
            "patients, or set training_cases: 0.",
        )
    if protocol.truth == "panel" and (without := sum(not pair.truth for pair in pairs if not pair.training)):
        raise Refusal(
            Reason.SETTINGS, f"The protocol sets truth: panel, but {without} patient(s) have no truth in pairs.csv."
        )
