"""What was sent of a result that a later job supersedes: rejected by a note, or named in the later series."""

import pydicom
import pytest
from pydicom.uid import KeyObjectSelectionDocumentStorage

from app.gateway.convert.supersede import EarlierResults
from app.gateway.queue.deleted_results import deleted_results_of, record_deleted_result
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


def headers_of(job):
    return [pydicom.dcmread(path, stop_before_pixels=True) for path in sorted(job.result.iterdir())]


def uids(job):
    return {header.SOPInstanceUID for header in headers_of(job)}


def rejected(note):
    [study] = note.CurrentRequestedProcedureEvidenceSequence
    return {
        reference.ReferencedSOPInstanceUID
        for series in study.ReferencedSeriesSequence
        for reference in series.ReferencedSOPSequence
    }


@pytest.fixture
def withdraw_superseded(spool):
    return EarlierResults(spool, {"pacs": True, "archive": False}).withdraw_superseded


def test_a_target_that_has_the_earlier_result_gets_a_rejection_note_on_all_of_it(spool, withdraw_superseded):
    earlier = superseded(spool, "1.2.7", pacs=DeliveryRecord(sent=True))
    withdraw_superseded(job_of(spool, "1.2.8", state=State.PROCESSING))
    [note] = notes(spool)
    assert note.SOPClassUID == KeyObjectSelectionDocumentStorage
    assert note.ConceptNameCodeSequence[0].CodeValue == QUALITY
    assert rejected(note) == uids(earlier)


def test_the_note_is_a_valid_object(spool, withdraw_superseded):
    superseded(spool, "1.2.7", pacs=DeliveryRecord(sent=True))
    withdraw_superseded(job_of(spool, "1.2.8", state=State.PROCESSING))
    [note] = spool.jobs(State.SENDING)
    assert dciodvfy_errors(note.result) == []


def test_a_corrected_patient_makes_it_a_matter_of_safety(spool, withdraw_superseded):
    superseded(spool, "1.2.7", setting(PatientName="Wrong^Name"), pacs=DeliveryRecord(sent=True))
    withdraw_superseded(job_of(spool, "1.2.8", state=State.PROCESSING))
    assert notes(spool)[0].ConceptNameCodeSequence[0].CodeValue == PATIENT_SAFETY


def test_a_series_that_is_refused_after_its_correction_takes_the_earlier_result_back_too(spool, withdraw_superseded):
    superseded(spool, "1.2.7", pacs=DeliveryRecord(attempts=1))
    job = job_of(spool, "1.2.8", state=State.PROCESSING)
    for path in job.result.iterdir():
        path.unlink()
    withdraw_superseded(job)
    assert len(notes(spool)) == 1


def test_what_both_results_have_in_common_stays(spool, withdraw_superseded):
    superseded(spool, "1.2.7", pacs=DeliveryRecord(sent=True))
    job = job_of(spool, "1.2.7", state=State.PROCESSING)
    withdraw_superseded(job)
    assert notes(spool) == []
    assert "replaces" not in description(job)


def test_the_note_goes_only_to_those_who_take_it_and_have_something(spool, withdraw_superseded):
    superseded(spool, "1.2.7", pacs=DeliveryRecord(sent=True), archive=DeliveryRecord(sent=True))
    withdraw_superseded(job_of(spool, "1.2.8", state=State.PROCESSING))
    [note] = spool.jobs(State.SENDING)
    skipped = {path.name for path in note.folder.glob("delivery-*.json") if DeliveryRecord.read(path).sent}
    assert skipped == {"delivery-archive.json"}


def test_a_target_that_has_nothing_of_it_gets_no_note(spool, withdraw_superseded):
    superseded(spool, "1.2.7", archive=DeliveryRecord(sent=True))
    withdraw_superseded(job_of(spool, "1.2.8", state=State.PROCESSING))
    assert notes(spool) == []


def test_a_run_after_a_crash_sends_no_second_note(spool, withdraw_superseded):
    earlier = superseded(spool, "1.2.7", pacs=DeliveryRecord(sent=True))
    job = job_of(spool, "1.2.8", state=State.PROCESSING)
    withdraw_superseded(job)
    JobRecord(superseded=True).write(JobRecord.path(earlier.folder))
    withdraw_superseded(job)
    assert len(notes(spool)) == 1


# ---- the earlier job is deleted ----


def deleted(spool, uid, edit=None, **deliveries):
    """What its result's objects were."""
    job = job_of(spool, uid, edit, state=State.DONE, **deliveries)
    found = uids(job)
    record_deleted_result(spool, job)
    spool.delete(job)
    return found


def without_result(job):
    for path in job.result.iterdir():
        path.unlink()
    return job


def test_a_correction_rejects_a_result_whose_files_are_deleted(spool, withdraw_superseded):
    earlier = deleted(spool, "1.2.7", setting(PatientName="Wrong^Name"), pacs=DeliveryRecord(sent=True))
    withdraw_superseded(job_of(spool, "1.2.8", state=State.PROCESSING))
    [note] = notes(spool)
    assert rejected(note) == earlier
    assert note.ConceptNameCodeSequence[0].CodeValue == PATIENT_SAFETY


def test_a_note_on_a_deleted_result_is_a_valid_object(spool, withdraw_superseded):
    deleted(spool, "1.2.7", pacs=DeliveryRecord(sent=True))
    withdraw_superseded(job_of(spool, "1.2.8", state=State.PROCESSING))
    assert dciodvfy_errors(spool.jobs(State.SENDING)[0].result) == []


def test_a_deleted_result_is_rejected_once(spool, withdraw_superseded):
    deleted(spool, "1.2.7", pacs=DeliveryRecord(sent=True))
    for uid in ("1.2.8", "1.2.9"):
        withdraw_superseded(job_of(spool, uid, state=State.PROCESSING))
    assert len(notes(spool)) == 1


def test_the_later_series_says_that_it_replaces_a_deleted_one(spool, withdraw_superseded):
    deleted(spool, "1.2.7", setting(SeriesDate="20261127", SeriesTime="140501"), archive=DeliveryRecord(sent=True))
    job = job_of(spool, "1.2.8", state=State.PROCESSING)
    withdraw_superseded(job)
    assert description(job).endswith("(replaces 20261127 1405)")


def test_a_deleted_result_that_comes_again_the_same_stays(spool, withdraw_superseded):
    deleted(spool, "1.2.7", pacs=DeliveryRecord(sent=True))
    withdraw_superseded(job_of(spool, "1.2.7", state=State.PROCESSING))
    assert notes(spool) == []


def test_a_correction_that_gives_no_result_rejects_a_deleted_one_too(spool, withdraw_superseded):
    deleted(spool, "1.2.7", setting(PatientName="Wrong^Name"), pacs=DeliveryRecord(sent=True))
    withdraw_superseded(without_result(job_of(spool, "1.2.8", state=State.PROCESSING)))
    assert len(notes(spool)) == 1


def test_the_same_series_that_gives_no_result_this_time_leaves_a_deleted_one_valid(spool, withdraw_superseded):
    deleted(spool, "1.2.7", pacs=DeliveryRecord(sent=True))
    withdraw_superseded(without_result(job_of(spool, "1.2.8", state=State.PROCESSING)))
    assert notes(spool) == []
    assert not deleted_results_of(spool, KEY)[0].withdrawn


def test_another_series_of_the_study_leaves_a_deleted_result_valid(spool, withdraw_superseded):
    deleted(spool, "1.2.7", pacs=DeliveryRecord(sent=True))
    withdraw_superseded(job_of(spool, "1.2.8", setting(SeriesInstanceUID="1.2.99"), state=State.PROCESSING))
    assert notes(spool) == []


def description(job):
    return pydicom.dcmread(min(job.result.iterdir())).SeriesDescription


def test_the_later_series_says_what_it_replaces(spool, withdraw_superseded):
    edit = setting(SeriesDescription="S" * 64, SeriesDate="20261127", SeriesTime="140501")
    superseded(spool, "1.2.7", edit, archive=DeliveryRecord(sent=True))
    job = job_of(spool, "1.2.8", edit, state=State.PROCESSING)
    withdraw_superseded(job)
    assert description(job).endswith("S (replaces 20261127 1405)")
    assert len(description(job)) == 64
    withdraw_superseded(job)
    assert description(job).count("replaces") == 1
