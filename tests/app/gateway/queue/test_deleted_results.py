"""What outlives the deletion of a job, so that slices which come weeks later are known."""

import re
import time

import pydicom
import pytest

from app.gateway.convert.rejection_note import Title, rejection_note
from app.gateway.queue.deleted_results import delete_old_records, deleted_results_of, digest
from app.gateway.queue.jobs import retry_jobs
from app.gateway.queue.record import DeliveryRecord, JobRecord
from app.gateway.queue.retention import delete_expired
from app.gateway.queue.spool import State, hashed
from app.gateway.receive.intake import Completed, Intake, ObjectIdentity
from app.gateway.settings import QueueSettings, RetentionSettings
from tests.app.gateway.convert.test_supersede import headers_of
from tests.dicom_series import body_hu, setting, write_series

pytestmark = pytest.mark.slow

STUDY, SERIES, SLICES = "1.2.6", "1.2.6.1", 3
KEY = hashed(STUDY, SERIES)


def source(tmp_path, edit=None):
    return sorted(write_series(tmp_path / "in", edit, hu=body_hu(SLICES), study=STUDY, series=SERIES).iterdir())


def complete(spool, files, **settings):
    """What becomes of a series of these files; None where an object of it was refused."""
    intake = Intake(spool, QueueSettings(folder=spool.folder, quiet_s=1e-6, **settings))
    taken = []
    for file in files:
        received = spool.scratch_file()
        received.write_bytes(file.read_bytes())
        taken.append(intake.store_object(received, ObjectIdentity(STUDY, SERIES, file.name), 1))
    intake.association_ended(1, released=True)
    time.sleep(0.01)
    outcomes = intake.complete_series()
    return None if None in taken else outcomes[0]


def finish(spool, tmp_path, edit=None, **record):
    """The job in QUEUED gives a result that the target gets."""
    [job] = spool.jobs(State.QUEUED)
    write_series(job.result, edit, hu=body_hu(SLICES), study=STUDY, series="1.2.6.9")
    DeliveryRecord(sent=True).write(DeliveryRecord.path(job.folder, "pacs"))
    JobRecord(ended_s=time.time() - 100 * 3600, **record).write(JobRecord.path(job.folder))
    return spool.move(job, State.DONE)


@pytest.fixture
def deleted(spool, tmp_path):
    """Files of a series whose job was done and deleted."""
    files = source(tmp_path)
    complete(spool, files)
    finish(spool, tmp_path)
    assert delete_expired(spool, RetentionSettings()) == 1
    return files


def test_nothing_of_an_image_stays(spool, deleted):
    [kept] = spool.deleted_results.rglob("*.json")
    assert "7FE00010" not in kept.read_text()  # Pixel Data
    assert not list(spool.folder.rglob("*.dcm"))


def test_it_is_for_its_owner_alone(spool, deleted):
    assert all(path.stat().st_mode & 0o077 == 0 for path in [spool.deleted_results, *spool.deleted_results.rglob("*")])


def test_some_of_the_slices_that_come_again_are_left_out(spool, deleted):
    assert complete(spool, deleted[:2]) is Completed.REPEATED
    assert spool.jobs(State.QUEUED) == []


def test_the_whole_series_that_comes_again_is_converted_again(spool, deleted):
    assert complete(spool, deleted) is Completed.QUEUED


def test_a_correction_is_converted(spool, deleted, tmp_path):
    corrected = source(tmp_path, setting(PatientName="Right^Name"))
    assert complete(spool, corrected) is Completed.QUEUED
    assert deleted_results_of(spool, KEY)[0].is_corrected_by(spool.jobs(State.QUEUED)[0])


def test_a_site_that_takes_no_corrections_tells_their_sender_also_later(spool, deleted, tmp_path):
    assert complete(spool, deleted, corrections="refuse") is Completed.QUEUED
    corrected = source(tmp_path, setting(PatientName="Right^Name"))
    assert complete(spool, corrected, corrections="refuse") is None


def test_a_result_that_nobody_got_leaves_no_record(spool, tmp_path):
    complete(spool, source(tmp_path))
    job = finish(spool, tmp_path)
    DeliveryRecord.path(job.folder, "pacs").unlink()
    assert delete_expired(spool, RetentionSettings()) == 1
    assert deleted_results_of(spool, KEY) == []


def test_a_result_that_waits_to_be_taken_back_is_not_deleted(spool, tmp_path):
    files = source(tmp_path)
    complete(spool, files)
    finish(spool, tmp_path, superseded=True)
    complete(spool, source(tmp_path, setting(PatientName="Right^Name")))
    assert delete_expired(spool, RetentionSettings()) == 0


def test_a_job_that_cannot_be_deleted_holds_up_no_other(spool, tmp_path, monkeypatch):
    for number in range(2):
        job = spool.move(spool.new_job(f"{number}" * 32), State.DONE)
        JobRecord(ended_s=1.0).write(JobRecord.path(job.folder))
    usual, first = spool.delete, spool.jobs(State.DONE)[0]
    failing = iter([OSError(5, "Input/output error")])

    def delete(job):
        if error := next(failing, None):
            raise error
        usual(job)

    monkeypatch.setattr(spool, "delete", delete)
    assert delete_expired(spool, RetentionSettings()) == 1
    assert spool.jobs(State.DONE) == [first]


def test_a_damaged_memory_counts_as_none(spool, deleted):
    [kept] = spool.deleted_results.rglob("*.json")
    kept.write_text('{"job": 7}')
    assert deleted_results_of(spool, KEY) == []


def test_it_is_forgotten_after_its_time_and_zero_keeps_it(spool, deleted):
    delete_old_records(spool, 0)
    assert len(deleted_results_of(spool, KEY)) == 1
    delete_old_records(spool, 1e-9)
    assert list(spool.deleted_results.iterdir()) == []


def test_a_done_job_that_is_put_back_to_work_leaves_a_memory_of_its_result(spool, tmp_path):
    complete(spool, source(tmp_path))
    job = finish(spool, tmp_path)
    retry_jobs(spool, job.name)
    assert [deleted.job for deleted in deleted_results_of(spool, KEY)] == [job.name]


@pytest.mark.parametrize("name", ["Müller^Änne", "山田^太郎"])
def test_the_note_is_the_one_that_the_files_would_have_given(spool, tmp_path, name):
    edit = setting(PatientName=name, SpecificCharacterSet="ISO_IR 192")
    complete(spool, source(tmp_path, edit))
    job = finish(spool, tmp_path, edit)
    from_files = rejection_note(headers_of(job), Title.QUALITY)
    delete_expired(spool, RetentionSettings())
    from_record = rejection_note(deleted_results_of(spool, KEY)[0].headers, Title.QUALITY)
    assert _without_times(from_record) == _without_times(from_files)


def _without_times(note):
    """What it says, as text, but for the moment when it was made."""
    return [line for line in str(note).splitlines() if not re.search(r"\b(Date|Time|DateTime)\b .*: ", line)]


def test_who_wrote_the_file_does_not_count_for_its_digest(tmp_path):
    ds = pydicom.dcmread(source(tmp_path)[0])
    digests = set()
    for version in ("ONE", "ANOTHER"):
        ds.file_meta.ImplementationVersionName = version
        ds.save_as(tmp_path / "object.dcm", enforce_file_format=True)
        digests.add(digest(tmp_path / "object.dcm"))
    assert len(digests) == 1
