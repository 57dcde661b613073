"""Withdraws the sent results of a job that a later one supersedes.

A later job supersedes an earlier one when slices came late or were corrected. This also works when the files of the
earlier job are deleted and only its record in `queue.deleted_results` is left.

Each target that takes rejection notes (IHE Radiology, Imaging Object Change Management) gets one on the old objects,
also when the later job gives no result. For the others, the description of the later series says what it replaces.
"""

import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from app.gateway.convert.rejection_note import Title, rejection_note
from app.gateway.queue.deleted_results import deleted_results_of
from app.gateway.queue.record import DeliveryRecord, JobRecord
from app.gateway.queue.results import result_files
from app.gateway.queue.spool import Job, Spool, State, hashed

logger = logging.getLogger(__name__)

_IDENTITY = ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyInstanceUID")
_LONGEST_DESCRIPTION = 64  # characters of Series Description (0008,103E), LO


class EarlierResults:
    """Results of earlier jobs of the same series.

    Args:
        spool: opened queue.
        accepts_notes: for each target by its name, whether it takes rejection notes.
    """

    def __init__(self, spool: Spool, accepts_notes: Mapping[str, bool]) -> None:
        self._spool = spool
        self._accepts_notes = accepts_notes

    def withdraw_superseded(self, job: Job) -> None:
        """Send rejection notes for what a job supersedes, and state in its own result what it replaces.

        Args:
            job: in PROCESSING, with its result where it has one. What an earlier result has in common with it stays.
        """
        files = result_files(job.result)
        new_uids = {str(header.SOPInstanceUID) for header in _headers(files)}
        replaced = self._withdraw_deleted(job, new_uids)
        for earlier in self._spool.jobs_of(job.key):
            record = JobRecord.read(JobRecord.path(earlier.folder))
            if earlier.name >= job.name or not record.superseded:
                continue
            headers = _headers(result_files(earlier.result))
            outdated = [header for header in headers if header.SOPInstanceUID not in new_uids]
            replaced += outdated
            if outdated and not record.withdrawn:
                targets = {
                    name
                    for name in self._accepts_notes
                    if DeliveryRecord.read(DeliveryRecord.path(earlier.folder, name)).may_have_some
                }
                self._send_note(earlier.name, targets, outdated, job)
            record.withdrawn = True
            record.write(JobRecord.path(earlier.folder))
        if replaced:
            _describe(files, replaced[-1])

    def lacks_deleted_objects(self, job: Job) -> bool:
        """Whether a job lacks objects of an earlier, deleted job, so that the series cannot be completed any more."""
        deleted_results = deleted_results_of(self._spool, job.key)
        return any(deleted.has_series_of(job) and not deleted.is_covered_by(job) for deleted in deleted_results)

    def _withdraw_deleted(self, job: Job, new_uids: set[str]) -> list[Dataset]:
        """Returns what is replaced. A result stays valid if nothing replaces or corrects it."""
        replaced: list[Dataset] = []
        for deleted in deleted_results_of(self._spool, job.key):
            if not deleted.has_series_of(job) or not (new_uids or deleted.withdrawn or deleted.is_corrected_by(job)):
                continue
            outdated = [header for header in deleted.headers if header.SOPInstanceUID not in new_uids]
            replaced += outdated
            if outdated and not deleted.withdrawn:
                self._send_note(deleted.job, set(deleted.targets), outdated, job)
            deleted.withdraw(self._spool)
        return replaced

    def _send_note(self, earlier: str, targets: set[str], outdated: list[Dataset], job: Job) -> None:
        """Send a note on an earlier job's result to those of its targets that take notes."""
        recipients = {name for name, takes in self._accepts_notes.items() if takes and name in targets}
        key = hashed("rejection note", *sorted(str(header.SOPInstanceUID) for header in outdated))
        if not recipients or self._spool.jobs_of(key):
            return
        source = _header(job.objects / min(job.object_names()))
        same_patient = all(outdated[0].get(name) == source.get(name) for name in _IDENTITY)
        title = Title.QUALITY if same_patient else Title.PATIENT_SAFETY

        def fill(note: Job) -> None:
            note.result.mkdir()
            rejection_note(outdated, title).save_as(note.result / "rejection-note.dcm", enforce_file_format=True)
            for name in self._accepts_notes.keys() - recipients:
                DeliveryRecord(sent=True, reason="nothing_to_reject").write(DeliveryRecord.path(note.folder, name))

        note = self._spool.add_job(key, fill, State.SENDING)
        logger.info("Job %s: rejection note for %d objects of job %s", note.name, len(outdated), earlier)


def _header(file: Path) -> Dataset:
    return pydicom.dcmread(file, stop_before_pixels=True)


def _headers(files: list[Path]) -> list[Dataset]:
    """Headers of the files that can be read; a damaged one was not delivered."""
    headers = []
    for file in files:
        with contextlib.suppress(InvalidDicomError):
            headers.append(_header(file))
    return headers


def _describe(files: list[Path], replaced: Dataset) -> None:
    """Add to each Series Description what the series replaces."""
    made_at = f"{replaced.get('SeriesDate') or ''} {str(replaced.get('SeriesTime') or '')[:4]}".strip()
    note = f" (replaces {made_at})" if made_at else " (replaces the earlier)"
    for file in files:
        ds = pydicom.dcmread(file)
        description = str(ds.get("SeriesDescription") or "")
        if not description.endswith(note):
            ds.SeriesDescription = description[: _LONGEST_DESCRIPTION - len(note)] + note
            ds.save_as(file, enforce_file_format=True)
