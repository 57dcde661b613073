"""Digests of schedule, patients and volumes, taken at creation and again by every verification."""

import hashlib

from django.conf import settings

from app.reading.hash_chain import canonical
from app.reading.study.models import Assignment, Scan


def baseline_digests() -> dict[str, str]:
    """Digests of everything that the answers refer to: the schedule, the patients and the volumes."""
    assignments = [
        [each.token, each.reader.code, each.scan.volume, each.period, each.position, each.is_repeat]
        for each in Assignment.objects.select_related("reader", "scan").order_by("reader__code", "position")
    ]
    scans = Scan.objects.select_related("patient").order_by("patient__code", "arm")
    patients = [
        [scan.patient.code, scan.patient.region, scan.patient.disease, scan.patient.truth, scan.patient.is_training]
        + [scan.arm, scan.volume, scan.spacing_mm]
        for scan in scans
    ]
    files = hashlib.sha256()
    for scan in scans:
        with (settings.READING_FOLDER.volumes / f"{scan.volume}.npy").open("rb") as file:
            files.update(hashlib.file_digest(file, "sha256").digest())
    return {
        "schedule_sha256": hashlib.sha256(canonical({"rows": assignments}).encode()).hexdigest(),
        "patients_sha256": hashlib.sha256(canonical({"rows": patients}).encode()).hexdigest(),
        "volumes_sha256": files.hexdigest(),
    }
