"""What was sent of a result that a later job supersedes: rejected by a note, or named in the later series."""

import pydicom
import pytest
from pydicom.uid import KeyObjectSelectionDocumentStorage

from app.gateway.convert.supersede import EarlierResults
from app.gateway.queue.record import DeliveryRecord, JobRecord
from app.gateway.queue.spool import State
from tests.dicom_series import body_hu, dciodvfy_errors, setting, write_series

pytestmark = pytest.mark.slow

KEY = "a" * 32
QUALITY, PATIENT_SAFETY = "113001", "113037"


def job_of(spool, uid, edit=None, *, state, **deliveries):
    """A job whose result has this Series Instance UID."""
    job = spool.new_job(KEY)
    job.objects.rmdir()
    write_series(job.objects, edit, hu=body_hu(2))
    write_series(job.result, edit, hu=body_hu(2), series=uid)
    for target, record in deliveries.items():
        record.write(DeliveryRecord.path(job.folder, target))
    return spool.move(job, state)


def superseded(spool, uid, edit=None, **deliveries):
    job = job_of(spool, uid, edit, state=State.DONE, **deliveries)
    JobRecord(superseded=True).write(JobRecord.path(job.folder))
    return job


def notes(spool):
    return [pydicom.dcmread(path) for job in spool.jobs(State.SENDING) for path in job.result.iterdir()]


def uids(job):
    return {pydicom.dcmread(path).SOPInstanceUID for path in job.result.iterdir()}


def rejected(note):
    [study] = note.CurrentRequestedProcedureEvidenceSequence
    return {
        reference.ReferencedSOPInstanceUID
        for series in study.ReferencedSeriesSequence
        for reference in series.ReferencedSOPSequence
    }


@pytest.fixture
def take_back(spool):
    return EarlierResults(spool, {"pacs": True, "archive": False}).take_back


def test_a_target_that_has_the_earlier_result_gets_a_rejection_note_on_all_of_it(spool, take_back):
    earlier = superseded(spool, "1.2.7", pacs=DeliveryRecord(sent=True))
    take_back(job_of(spool, "1.2.8", state=State.PROCESSING))
    [note] = notes(spool)
    assert note.SOPClassUID == KeyObjectSelectionDocumentStorage
    assert note.ConceptNameCodeSequence[0].CodeValue == QUALITY
    assert rejected(note) == uids(earlier)


def test_the_note_is_a_valid_object(spool, take_back):
    superseded(spool, "1.2.7", pacs=DeliveryRecord(sent=True))
    take_back(job_of(spool, "1.2.8", state=State.PROCESSING))
    [note] = spool.jobs(State.SENDING)
    assert dciodvfy_errors(note.result) == []


def test_a_corrected_patient_makes_it_a_matter_of_safety(spool, take_back):
    superseded(spool, "1.2.7", setting(PatientName="Wrong^Name"), pacs=DeliveryRecord(sent=True))
    take_back(job_of(spool, "1.2.8", state=State.PROCESSING))
    assert notes(spool)[0].ConceptNameCodeSequence[0].CodeValue == PATIENT_SAFETY


def test_a_series_that_is_refused_after_its_correction_takes_the_earlier_result_back_too(spool, take_back):
    superseded(spool, "1.2.7", pacs=DeliveryRecord(attempts=1))
    job = job_of(spool, "1.2.8", state=State.PROCESSING)
    for path in job.result.iterdir():
        path.unlink()
    take_back(job)
    assert len(notes(spool)) == 1


def test_what_both_results_have_in_common_stays(spool, take_back):
    superseded(spool, "1.2.7", pacs=DeliveryRecord(sent=True))
    job = job_of(spool, "1.2.7", state=State.PROCESSING)
    take_back(job)
    assert notes(spool) == []
    assert "replaces" not in description(job)


def test_the_note_goes_only_to_those_who_take_it_and_have_something(spool, take_back):
    superseded(spool, "1.2.7", pacs=DeliveryRecord(sent=True), archive=DeliveryRecord(sent=True))
    take_back(job_of(spool, "1.2.8", state=State.PROCESSING))
    [note] = spool.jobs(State.SENDING)
    skipped = {path.name for path in note.folder.glob("delivery-*.json") if DeliveryRecord.read(path).sent}
    assert skipped == {"delivery-archive.json"}


def test_a_target_that_has_nothing_of_it_gets_no_note(spool, take_back):
    superseded(spool, "1.2.7", archive=DeliveryRecord(sent=True))
    take_back(job_of(spool, "1.2.8", state=State.PROCESSING))
    assert notes(spool) == []


def test_a_run_after_a_crash_sends_no_second_note(spool, take_back):
    earlier = superseded(spool, "1.2.7", pacs=DeliveryRecord(sent=True))
    job = job_of(spool, "1.2.8", state=State.PROCESSING)
    take_back(job)
    JobRecord(superseded=True).write(JobRecord.path(earlier.folder))
    take_back(job)
    assert len(notes(spool)) == 1


def description(job):
    return pydicom.dcmread(min(job.result.iterdir())).SeriesDescription


def test_the_later_series_says_what_it_replaces(spool, take_back):
    edit = setting(SeriesDescription="S" * 64, SeriesDate="20261127", SeriesTime="140501")
    superseded(spool, "1.2.7", edit, archive=DeliveryRecord(sent=True))
    job = job_of(spool, "1.2.8", edit, state=State.PROCESSING)
    take_back(job)
    assert description(job).endswith("S (replaces 20261127 1405)")
    assert len(description(job)) == 64
    take_back(job)
    assert description(job).count("replaces") == 1
