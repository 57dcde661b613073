"""What the queue still records of a result after its files are deleted: a correction may come weeks later.

    <queue folder>/remembered/<key>/<job>.json

It holds digests of the received objects, and what a rejection note must name: patient, study, UIDs. No image.
"""

import contextlib
import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from app.gateway.queue.durable import make_folder
from app.gateway.queue.record import DeliveryRecord, JobRecord, Record
from app.gateway.queue.spool import Job, Spool, hashed

_DAY_S = 86400.0
_PREAMBLE_BYTES = 132
_GROUP_LENGTH = b"\x02\x00\x00\x00UL\x04\x00"
"""How File Meta Information Group Length (0002,0000) begins, the first element after the preamble (PS3.10 7.1)."""

_OBJECT_ATTRIBUTES = ("SOPClassUID", "SeriesInstanceUID", "SOPInstanceUID", "Rows", "Columns")
_SHARED_ATTRIBUTES = (
    "SpecificCharacterSet",
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "IssuerOfPatientID"),
    *("StudyInstanceUID", "StudyID", "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName"),
    *("SeriesNumber", "SeriesDate", "SeriesTime", "Manufacturer", "ManufacturerModelName"),
)
"""Copied into a rejection note, and compared to see whether patient and study are the same."""


@dataclass
class DeletedResult(Record):
    """One result that targets have.

    Attributes:
        job: name of the job.
        sources: digest of each received object, by its name in the job.
        series: hashes of the Series Instance UIDs that were received.
        targets: names of the targets that may have some of the result.
        shared: DICOM JSON of what all objects of the result have in common.
        objects: DICOM JSON of what each object of the result has of its own.
        withdrawn: it is rejected, or a later result replaces it.
    """

    job: str = ""
    sources: dict[str, str] = field(default_factory=dict)
    series: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    shared: dict[str, Any] = field(default_factory=dict)
    objects: list[dict[str, Any]] = field(default_factory=list)
    withdrawn: bool = False

    @property
    def headers(self) -> list[Dataset]:
        """The result's objects, as far as a rejection note needs them."""
        return [Dataset.from_json({**self.shared, **own}) for own in self.objects]

    def has_series_of(self, job: Job) -> bool:
        """Whether a job has objects of the same series."""
        return bool(set(self.series) & _series_of(job))

    def is_corrected_by(self, job: Job) -> bool:
        """Whether a job has other bytes under a known SOP Instance UID."""
        names = self.sources.keys() & job.object_names()
        return any(digest(job.objects / name) != self.sources[name] for name in names)

    def repeats(self, job: Job) -> bool:
        """Whether a job has only some of the same objects, byte for byte, and not all."""
        return job.object_names() < self.sources.keys() and not self.is_corrected_by(job)

    def is_covered_by(self, job: Job) -> bool:
        """Whether a job has every object, in whatever version."""
        return self.sources.keys() <= job.object_names()

    def withdraw(self, spool: Spool) -> None:
        """Record that it is withdrawn."""
        self.withdrawn = True
        self.write(_folder(spool, self.job[:32]) / f"{self.job}.json")


def record_deleted_result(spool: Spool, job: Job) -> None:
    """Record what is needed after the files of a job are deleted; nothing happens if no target has any of them.

    Args:
        spool: opened queue.
        job: with its received objects and its result.
    """
    deliveries = {path.stem.removeprefix("delivery-"): path for path in job.folder.glob("delivery-*.json")}
    targets = [name for name, path in sorted(deliveries.items()) if DeliveryRecord.read(path).may_have_some]
    if not targets or not job.objects.is_dir() or JobRecord.read(JobRecord.path(job.folder)).withdrawn:
        return
    headers = _headers(job)
    if not headers:
        return
    deleted = DeletedResult(
        job=job.name,
        sources={name: digest(job.objects / name) for name in sorted(job.object_names())},
        series=sorted(_series_of(job)),
        targets=targets,
        shared=_json(headers[0], _SHARED_ATTRIBUTES),
        objects=[_json(header, _OBJECT_ATTRIBUTES) for header in headers],
    )
    for earlier in deleted_results_of(spool, job.key):
        if earlier.withdrawn:
            _delete_record(_folder(spool, job.key) / f"{earlier.job}.json")
    make_folder(spool.deleted_results)
    make_folder(_folder(spool, job.key))
    deleted.write(_folder(spool, job.key) / f"{job.name}.json")


def deleted_results_of(spool: Spool, key: str) -> list[DeletedResult]:
    """The records of a series (or study), oldest first; damaged ones are skipped."""
    found = [DeletedResult.read(path) for path in sorted(_folder(spool, key).glob("*.json"))]
    return [deleted for deleted in found if deleted.job]


def delete_old_records(spool: Spool, days: float) -> None:
    """Delete records older than `days` days; 0 keeps them."""
    for path in spool.deleted_results.glob("*/*.json") if days else ():
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > days * _DAY_S:
                _delete_record(path)


def digest(file: Path) -> str:
    """32 hexadecimal characters of a hash over the data set of a file, without its file meta information."""
    with file.open("rb") as opened:
        head = opened.read(_PREAMBLE_BYTES + len(_GROUP_LENGTH) + 4)
        if head[_PREAMBLE_BYTES:-4] == _GROUP_LENGTH:
            opened.seek(int.from_bytes(head[-4:], "little"), 1)
        else:
            opened.seek(0)
        return hashlib.file_digest(opened, "sha256").hexdigest()[:32]


def _folder(spool: Spool, key: str) -> Path:
    return spool.deleted_results / key


def _delete_record(path: Path) -> None:
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # others of the series are there
        path.parent.rmdir()


def _headers(job: Job) -> list[Dataset]:
    headers: list[Dataset] = []
    for file in sorted(job.result.rglob("*.dcm")):
        with contextlib.suppress(InvalidDicomError):  # it was not delivered
            headers.append(pydicom.dcmread(file, stop_before_pixels=True))
    return headers


def _json(header: Dataset, keywords: tuple[str, ...]) -> dict[str, Any]:
    selected = Dataset()
    for keyword in keywords:
        if keyword in header:
            selected[keyword] = header[keyword]
    return selected.to_json_dict()


def _series_of(job: Job) -> set[str]:
    found = set()
    for name in job.object_names():
        with contextlib.suppress(InvalidDicomError):
            header = pydicom.dcmread(job.objects / name, stop_before_pixels=True, specific_tags=["SeriesInstanceUID"])
            found.add(hashed(str(header.get("SeriesInstanceUID", ""))))
    return found
