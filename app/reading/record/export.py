"""Export a locked study as tidy tables that need neither the database nor this software to be read."""

import csv
import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from app.reading.protocol.items import CONFIDENCES, CRITERIA, DIAGNOSES, ORIGINS
from app.reading.record.verify import verify_study
from app.reading.study.answers import protocol_of
from app.reading.study.consensus import CONSENSUS_ITEMS, differing_items, values_by_item
from app.reading.study.models import Answer, Assignment, Event, Patient, Scan, Study
from operators.errors import Reason, Refusal

MANIFEST = "manifest.json"

CODEBOOK = (
    # file, column, type in R's words, meaning, levels
    ("readings.csv", "reader", "factor", "code of the reader", ""),
    ("readings.csv", "patient", "factor", "pseudonym of the patient", ""),
    ("readings.csv", "arm", "factor", "cta: acquired; syn_cta: computed", "cta|syn_cta"),
    ("readings.csv", "period", "integer", "0 training, 1 and 2 the periods of the crossover", ""),
    ("readings.csv", "position", "integer", "position in the reader's order, from 1", ""),
    ("readings.csv", "is_repeat", "logical", "second reading of a scan in the same period", "TRUE|FALSE"),
    *(("readings.csv", name, "integer", label, "1|2|3") for name, label in CRITERIA.items()),
    ("readings.csv", "diagnosis", "factor", "the reader's diagnosis", "|".join(DIAGNOSES)),
    ("readings.csv", "confidence", "integer", "confidence in the diagnosis", "|".join(map(str, CONFIDENCES))),
    ("readings.csv", "origin", "factor", "the reader's guess; empty if the protocol does not ask", "|".join(ORIGINS)),
    ("readings.csv", "active_seconds", "integer", "seconds in which the reader looked at the case", ""),
    ("readings.csv", "submitted_at", "character", "time of the answer, ISO 8601 in UTC", ""),
    ("readings.csv", "token", "character", "token under which the case was shown", ""),
    ("consensus.csv", "patient", "factor", "pseudonym of the patient", ""),
    ("consensus.csv", "arm", "factor", "as above", "cta|syn_cta"),
    ("consensus.csv", "item", "factor", "criterion or diagnosis", "|".join(CONSENSUS_ITEMS)),
    ("consensus.csv", "value", "character", "answer of all readers, or their consensus", ""),
    ("consensus.csv", "disputed", "logical", "whether the answers of the readers differed", "TRUE|FALSE"),
    ("patients.csv", "patient", "factor", "pseudonym", ""),
    ("patients.csv", "region", "factor", "imaged region", "neck|chest|abdomen"),
    ("patients.csv", "disease", "factor", "known disease; the study is balanced by it", "|".join(DIAGNOSES)),
    ("patients.csv", "truth", "factor", "diagnosis by a panel; empty if the truth is the consensus", ""),
    ("patients.csv", "training", "logical", "used for training cases only", "TRUE|FALSE"),
    ("events.csv", "sequence", "integer", "position in the audit chain, from 1", ""),
    ("events.csv", "at", "character", "time of the event, ISO 8601 in UTC", ""),
    ("events.csv", "actor", "factor", "code of the person, or system", ""),
    ("events.csv", "action", "factor", "what was done", ""),
    ("events.csv", "payload", "character", "details, as JSON", ""),
    ("events.csv", "previous_hash", "character", "hash of the previous event", ""),
    ("events.csv", "hash", "character", "SHA-256 of all columns above", ""),
)
"""What each column of the tables is; `levels` are separated by |."""


def export_study(output: Path) -> None:
    """Write readings.csv, consensus.csv, patients.csv, codebook.csv, events.csv, protocol.yaml and manifest.json.

    Args:
        output: new folder.

    Raises:
        Refusal: OUTPUT_EXISTS; SETTINGS before the lock; CORRUPT, when the audit finds an edited row.
    """
    study = Study.objects.get()
    if study.locked_at is None:
        raise Refusal(Reason.SETTINGS, "The study is not locked. Lock it first.")
    if output.exists():
        raise Refusal(Reason.OUTPUT_EXISTS, "The folder of the export exists already. Give a new one.")
    if problems := verify_study():
        raise Refusal(Reason.CORRUPT, f"The audit found a problem: {problems[0]}. Run python -m app.reading verify.")
    part = output.with_name(f"{output.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        _write_tables(part, study)
        digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(part.iterdir())}
        manifest = {"protocol_sha256": study.protocol_sha256, "files_sha256": digests}
        (part / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        part.rename(output)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _write_tables(folder: Path, study: Study) -> None:
    columns = {name: [row[1] for row in CODEBOOK if row[0] == name] for name in {row[0] for row in CODEBOOK}}
    _write(folder / "readings.csv", columns["readings.csv"], _readings())
    _write(folder / "consensus.csv", columns["consensus.csv"], _consensus())
    patients = Patient.objects.order_by("code")
    _write(
        folder / "patients.csv",
        columns["patients.csv"],
        ((each.code, each.region, each.disease, each.truth or "", _flag(each.is_training)) for each in patients),
    )
    _write(folder / "codebook.csv", ("file", "column", "type", "meaning", "levels"), CODEBOOK)
    fields = columns["events.csv"]
    _write(folder / "events.csv", fields, Event.objects.order_by("sequence").values_list(*fields))
    protocol = json.loads(protocol_of(study).canonical())
    (folder / "protocol.yaml").write_text(yaml.safe_dump(protocol, sort_keys=True), encoding="utf-8")


def _readings() -> Iterable[tuple[Any, ...]]:
    """One row a case, also where it was not answered."""
    assignments = Assignment.objects.select_related("reader", "scan__patient").order_by("reader__number", "position")
    answers = {answer.assignment_id: answer for answer in Answer.objects.all()}
    for each in assignments:
        given = answers.get(each.pk)
        said = (
            (given.wall_clarity, given.lumen_edge_clarity, given.lumen_wall_contrast, given.diagnosis, given.confidence)
            + (given.origin, given.active_seconds, given.submitted_at.isoformat())
            if given
            else ("",) * 8
        )
        place = (each.reader.code, each.scan.patient.code, each.scan.arm, each.period, each.position)
        yield (*place, _flag(each.is_repeat), *said, each.token)


def _consensus() -> Iterable[tuple[Any, ...]]:
    scans = Scan.objects.filter(patient__is_training=False).select_related("patient").order_by("patient__code", "arm")
    for scan in scans:
        disputed = differing_items(scan)
        decided = dict(scan.consensus.values_list("item", "value"))
        given = values_by_item(scan)
        for item in CONSENSUS_ITEMS:
            value = decided[item] if item in disputed else given[item][0]
            yield (scan.patient.code, scan.arm, item, value, _flag(item in disputed))


def _flag(value: bool) -> str:
    return "TRUE" if value else "FALSE"


def _write(path: Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
