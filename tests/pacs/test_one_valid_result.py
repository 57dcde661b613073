"""Storage commitment, late slices, corrections, against Orthanc: at the end the PACS has one valid result."""

import shutil

import pydicom
import pytest
from pydicom.uid import KeyObjectSelectionDocumentStorage

from app.gateway.queue.record import DeliveryRecord, JobRecord
from app.gateway.queue.spool import State
from tests.app.gateway.running import LOOPBACK, RunningGateway, eventually
from tests.dicom_series import body_hu, setting, write_series
from tests.pacs.peers import Orthanc, storescu

SLICES = 6
QUALITY, PATIENT_SAFETY = "113001", "113037"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A gateway that asks Orthanc to keep what it sends, searches for it, and rejects what it replaces."""
    folder = tmp_path_factory.mktemp("site")
    senders = [{"ae_title": title, "address": LOOPBACK} for title in ("SENDER", "ORTHANC")]
    gateway = RunningGateway(folder, [], dicom={"allow": senders})
    pacs = Orthanc(folder / "pacs", gateway.port, routing="")
    by_store = {**pacs.target, "timeout_s": 10, "commitment": True, "commitment_timeout_s": 30, "rejection_notes": True}
    by_web = {**pacs.stow_target(folder), "verify": True}  # the same PACS: it finds what came by C-STORE, too
    gateway.change(targets=[by_store, by_web])
    gateway.pacs = pacs
    try:
        pacs.start()
        yield gateway.start()
    finally:
        gateway.end()
        pacs.stop()


def send(site, tmp_path, number, edit=None, files=slice(None)):
    """Send some slices of a series of its own study, and wait until the PACS has all that comes of it."""
    runs = site.runs
    transmit(site, tmp_path, number, edit, files)
    eventually(lambda: site.runs > runs and set(site.counts()) == {"done"}, 180)


def transmit(site, tmp_path, number, edit=None, files=slice(None)):
    folder = tmp_path / "series"
    shutil.rmtree(folder, ignore_errors=True)
    write_series(folder, edit, hu=body_hu(SLICES), study=f"1.2.9.{number}", series=f"1.2.9.{number}.1")
    kept = sorted(folder.iterdir())[files]
    for path in set(folder.iterdir()) - set(kept):
        path.unlink()
    storescu(folder, site.port, called="SYNCTA")


def let_retention_pass(site):
    """The jobs that are done are deleted, as if they had ended long ago."""
    site.kill()
    for job in site.jobs(State.DONE):
        record = JobRecord.read(JobRecord.path(job.folder))
        record.ended_s = 1.0
        record.write(JobRecord.path(job.folder))
    site.start()
    eventually(lambda: not site.counts())


def in_pacs(site, number):
    """What the PACS has of a study: synthetic series by UID, and rejection notes."""
    study = f"1.2.9.{number}"
    found = site.pacs.dicomweb.retrieve_study(study) if site.pacs.get("/studies") else []
    notes = [ds for ds in found if ds.SOPClassUID == KeyObjectSelectionDocumentStorage]
    series = {}
    for ds in found:
        if ds.get("SyntheticData") == "YES":
            series.setdefault(ds.SeriesInstanceUID, []).append(ds)
    return series, notes


def rejected(note: pydicom.Dataset) -> set[str]:
    [study] = note.CurrentRequestedProcedureEvidenceSequence
    return {
        reference.ReferencedSOPInstanceUID
        for series in study.ReferencedSeriesSequence
        for reference in series.ReferencedSOPSequence
    }


def names_that_are_valid(series, note):
    return {
        str(ds.PatientName) for objects in series.values() for ds in objects if ds.SOPInstanceUID not in rejected(note)
    }


def test_a_result_is_delivered_when_the_pacs_has_promised_to_keep_it(site, tmp_path):
    send(site, tmp_path, 1)
    job = site.jobs(State.DONE)[-1]
    assert DeliveryRecord.read(DeliveryRecord.path(job.folder, "pacs")).sent
    assert f"Job {job.name}: pacs confirms storage of {SLICES} objects" in site.log


def test_a_result_is_delivered_when_a_search_finds_it(site, tmp_path):
    send(site, tmp_path, 5)
    job = site.jobs(State.DONE)[-1]
    assert DeliveryRecord.read(DeliveryRecord.path(job.folder, "archive")) == DeliveryRecord(started=True, sent=True)


def test_late_slices_leave_one_result_that_is_not_rejected(site, tmp_path):
    send(site, tmp_path, 2, files=slice(0, 4))
    send(site, tmp_path, 2, files=slice(4, None))
    series, [note] = in_pacs(site, 2)
    valid = [objects for objects in series.values() if not {ds.SOPInstanceUID for ds in objects} & rejected(note)]
    assert [len(objects) for objects in valid] == [SLICES]
    assert "(replaces" in valid[0][0].SeriesDescription
    assert note.ConceptNameCodeSequence[0].CodeValue == QUALITY


def test_a_corrected_name_leaves_no_valid_result_under_the_wrong_one(site, tmp_path):
    send(site, tmp_path, 3, setting(PatientName="Wrong^Name"))
    send(site, tmp_path, 3, setting(PatientName="Right^Name"))
    series, [note] = in_pacs(site, 3)
    assert note.ConceptNameCodeSequence[0].CodeValue == PATIENT_SAFETY
    assert names_that_are_valid(series, note) == {"Right^Name"}


def test_a_damaged_slice_that_is_sent_again_whole_replaces_the_result(site, tmp_path):
    def damage(ds, index):
        if index == 2:
            ds.PixelData = bytes(len(ds.PixelData))

    send(site, tmp_path, 4, damage)
    send(site, tmp_path, 4)
    series, [note] = in_pacs(site, 4)
    [valid] = [objects for objects in series.values() if not {ds.SOPInstanceUID for ds in objects} & rejected(note)]
    assert all(any(ds.PixelData) for ds in valid)


def test_a_corrected_name_that_comes_after_the_files_are_deleted_leaves_one_valid_result(site, tmp_path):
    send(site, tmp_path, 6, setting(PatientName="Wrong^Name"))
    let_retention_pass(site)
    send(site, tmp_path, 6, setting(PatientName="Right^Name"))
    series, [note] = in_pacs(site, 6)
    assert note.ConceptNameCodeSequence[0].CodeValue == PATIENT_SAFETY
    assert names_that_are_valid(series, note) == {"Right^Name"}


def test_a_part_of_such_a_correction_is_refused_and_leaves_no_valid_result_under_the_wrong_name(site, tmp_path):
    send(site, tmp_path, 7, setting(PatientName="Wrong^Name"))
    let_retention_pass(site)
    transmit(site, tmp_path, 7, setting(PatientName="Right^Name"), slice(0, 2))
    eventually(lambda: set(site.counts()) == {"refused", "done"}, 180)
    [job] = site.jobs(State.REFUSED)
    assert JobRecord.read(JobRecord.path(job.folder)).reason == "whole_series_needed"
    series, [note] = in_pacs(site, 7)
    assert names_that_are_valid(series, note) == set()
