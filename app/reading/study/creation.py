"""Make a study: import and blind the pairs, draw the schedule, freeze the protocol. All or nothing."""

import csv
import random
import secrets
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import SimpleITK as sitk
from django.core.management import call_command
from django.db import DatabaseError, connections, transaction

from app.reading.intake.blinding import blind_pair
from app.reading.intake.dicomweb import DicomWebServer
from app.reading.intake.pairs import Pair
from app.reading.intake.series import read_series
from app.reading.protocol.protocol import Protocol
from app.reading.protocol.schedule import ARMS, ScheduledPatient, schedule
from app.reading.study.baseline_digests import baseline_digests
from app.reading.study.configuration import DATABASE_VARIABLE, StudyFolder, open_study
from app.reading.study.events import append_event
from app.reading.study.models import Assignment, Patient, Reader, Role, Scan, Study
from app.reading.study.volume_files import save_volume
from operators.errors import Reason, Refusal

LEAD, CONSENSUS = "L1", "C1"


def create_study(
    path: Path,
    protocol: Protocol,
    pairs: list[Pair],
    at: datetime,
    *,
    dicomweb: DicomWebServer | None = None,
    report_progress: Callable[[str], None] = print,
) -> None:
    """Create a study folder with its database.

    Args:
        path: new folder.
        protocol: frozen by this.
        pairs: what is imported.
        at: now.
        dicomweb: server of the pairs that are named by UID.
        report_progress: takes lines of progress, which name no patient.

    Raises:
        Refusal: OUTPUT_EXISTS; SETTINGS for a database that is in use or away; what a series is refused for.
    """
    if path.exists():
        raise Refusal(Reason.OUTPUT_EXISTS, "The study folder exists already. Give a new one.")
    part = path.with_name(f"{path.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    try:
        folder = open_study(part)
        _prepare_database()
        folder.volumes.mkdir(mode=0o700)
        with transaction.atomic():
            patients = _import(folder, pairs, protocol, dicomweb, report_progress)
            _store_study(protocol, patients, at)
        connections.close_all()
        part.rename(path)
        open_study(path)
    except BaseException:
        connections.close_all()
        shutil.rmtree(part, ignore_errors=True)
        raise


def _prepare_database() -> None:
    try:
        call_command("migrate", verbosity=0)
        if Study.objects.exists():
            raise Refusal(
                Reason.OUTPUT_EXISTS,
                f"The database of {DATABASE_VARIABLE} already holds a study. Give each study its own database.",
            )
    except DatabaseError as error:
        raise Refusal(
            Reason.SETTINGS, f"The database does not answer ({type(error).__name__}). Check {DATABASE_VARIABLE}."
        ) from error


def _import(
    folder: StudyFolder,
    pairs: list[Pair],
    protocol: Protocol,
    dicomweb: DicomWebServer | None,
    report_progress: Callable[[str], None],
) -> list[Patient]:
    # Codes do not follow the order of the list, which may be by date or disease.
    numbers = list(range(1, len(pairs) + 1))
    random.Random(f"{protocol.seed} codes").shuffle(numbers)
    patients, key = [], []
    for line, (pair, number) in enumerate(zip(pairs, numbers, strict=True), start=1):
        report_progress(f"Pair {line} of {len(pairs)}: read and blind")
        try:
            cta, syn_cta, spacing_mm = blind_pair(_read(pair.cta, dicomweb), _read(pair.syn_cta, dicomweb))
        except Refusal as refusal:
            raise Refusal(refusal.reason, f"pairs.csv, line {line + 1}: {refusal.message}") from refusal
        patient = Patient.objects.create(
            code=f"P{number:03}",
            region=pair.region,
            disease=pair.disease,
            truth=pair.truth,
            is_training=pair.training,
        )
        for arm, hu in zip(ARMS, (cta, syn_cta), strict=True):
            Scan.objects.create(
                patient=patient, arm=arm, volume=save_volume(folder.volumes, hu), spacing_mm=list(spacing_mm)
            )
        patients.append(patient)
        key.append((patient.code, pair.patient))
    folder.key.touch(mode=0o600)
    with folder.key.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("code", "patient"), *sorted(key)])
    return patients


def _read(source: Path | str, dicomweb: DicomWebServer | None) -> sitk.Image:
    if isinstance(source, Path):
        return read_series(source)
    assert dicomweb is not None  # read_pairs takes UIDs with a server alone
    with tempfile.TemporaryDirectory() as folder:
        return read_series(dicomweb.fetch(source, Path(folder) / "series"))


def _store_study(protocol: Protocol, patients: list[Patient], at: datetime) -> None:
    Study.objects.create(protocol=protocol.canonical(), protocol_sha256=protocol.sha256, created_at=at)
    people: list[tuple[str, str, int | None]] = [(f"R{n}", Role.READER, n) for n in range(1, protocol.readers + 1)]
    people += [(CONSENSUS, Role.CONSENSUS, None), (LEAD, Role.LEAD, None)]
    for code, role, number in people:
        person = Reader(code=code, role=role, number=number, link=secrets.token_urlsafe(16))
        person.set_unusable_password()
        person.save()
    scheduled = [
        ScheduledPatient(patient.code, (patient.region, patient.disease), patient.is_training) for patient in patients
    ]
    scans = {(scan.patient.code, scan.arm): scan for scan in Scan.objects.select_related("patient")}
    for reader in Reader.objects.filter(role=Role.READER):
        cases = schedule(protocol, scheduled, reader.number)
        Assignment.objects.bulk_create(
            Assignment(
                reader=reader,
                scan=scans[case.patient, case.arm],
                period=case.period,
                position=position,
                is_repeat=case.is_repeat,
                token=secrets.token_urlsafe(16),
            )
            for position, case in enumerate(cases, start=1)
        )
    append_event("system", "created", {"protocol_sha256": protocol.sha256, **baseline_digests()}, at)
