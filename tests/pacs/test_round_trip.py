"""The whole way with the real app: sender -> Orthanc -> gateway -> Orthanc (C-STORE) and archive (STOW-RS)."""

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pydicom
import pytest

from app.gateway.queue.spool import State
from tests.app.gateway.running import LOOPBACK, ROOT, RunningGateway, eventually
from tests.dicom_series import IDENTIFYING
from tests.pacs.peers import Orthanc, dcmtk, storescu
from tests.stand_in_bundle import write_stand_in_bundle

SLICES = 12
GEOMETRY = (
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "FrameOfReferenceUID",
    "Rows",
    "Columns",
    "RescaleSlope",
    "RescaleIntercept",
)
HUNG_WITH = ("StudyInstanceUID", "PatientID", "PatientName", "PatientBirthDate", "AccessionNumber", "StudyDate")


@pytest.fixture(scope="module")
def trip(tmp_path_factory):
    """A phantom study that has made the whole way."""
    folder = tmp_path_factory.mktemp("trip")
    source = folder / "source"
    phantom = ["--region", "chest", "--slices", str(SLICES), "--matrix", "96", "--spacing-mm", "4", "4", "3"]
    subprocess.run(
        [sys.executable, "-m", "cohorts.phantom", "dicom", "--out", str(source), *phantom],
        cwd=ROOT / "bundle",
        check=True,
        capture_output=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    bundle = write_stand_in_bundle(folder / "bundle")
    options = ["-m", str(bundle), "--device", "cpu"]
    gateway = RunningGateway(
        folder,
        [],
        dicom={"allow": [{"ae_title": "ORTHANC", "address": "127.0.0.0/8"}]},
        worker={"command": [], "options": options},
    )
    pacs = Orthanc(folder / "pacs", gateway.port)
    archive = Orthanc(folder / "archive", gateway.port, routing="", aet="ARCHIVE")
    gateway.change(targets=[pacs.target, archive.stow_target(folder)])
    try:
        pacs.start()
        archive.start()
        gateway.start()
        storescu(source, pacs.port, called="ORTHANC")
        own = folder / "own"
        subprocess.run(
            [sys.executable, "-m", "app", "-i", str(source), "-o", str(own), *options],
            cwd=ROOT,
            check=True,
            capture_output=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        eventually(lambda: gateway.counts() == {"done": 1}, 300)
        yield SimpleNamespace(source=source, own=own, pacs=pacs, archive=archive, gateway=gateway)
    finally:
        gateway.end()
        pacs.stop()
        archive.stop()


def headers(folder):
    return [pydicom.dcmread(path) for path in sorted(folder.rglob("*.dcm"))]


def retrieved(client):
    """What DICOMweb gives for the synthetic series, by SOP Instance UID."""
    [study] = client.search_for_studies()
    uid = study["0020000D"]["Value"][0]
    found = {}
    for series in client.search_for_series(uid, fields=["SeriesInstanceUID"]):
        for ds in client.retrieve_series(uid, series["0020000E"]["Value"][0]):
            if ds.get("SyntheticData") == "YES" and "PixelData" in ds and ds.Modality == "CT":
                found[ds.SOPInstanceUID] = ds
    return found


def test_the_result_hangs_in_the_study_of_its_source(trip):
    source = headers(trip.source)[0]
    [study] = trip.pacs.dicomweb.search_for_studies(fields=["NumberOfStudyRelatedInstances"])
    assert study["0020000D"]["Value"] == [source.StudyInstanceUID]
    result = next(iter(retrieved(trip.pacs.dicomweb).values()))
    for keyword in HUNG_WITH:
        assert result.get(keyword) == source.get(keyword), keyword


@pytest.mark.parametrize("place", ["pacs", "archive"])
def test_pixels_and_geometry_are_those_of_the_apps_own_output(trip, place):
    own = {ds.SOPInstanceUID: ds for ds in headers(trip.own / "syn-cta")}
    back = retrieved(getattr(trip, place).dicomweb)
    assert own.keys() <= back.keys()
    for uid, ds in own.items():
        np.testing.assert_array_equal(back[uid].pixel_array, ds.pixel_array)
        for keyword in GEOMETRY:
            assert back[uid].get(keyword) == ds.get(keyword), keyword


def test_the_pacs_holds_every_object_once_and_nothing_else(trip):
    results = len(list(trip.gateway.jobs(State.DONE)[0].result.rglob("*.dcm")))
    assert trip.pacs.instances == SLICES + results
    assert trip.archive.instances == results


def test_the_result_is_not_converted_again(trip):
    assert trip.gateway.metric('series_total{outcome="queued"}') == 1
    assert trip.gateway.counts() == {"done": 1}


def test_a_query_by_dicom_finds_both_series(trip):
    study = headers(trip.source)[0].StudyInstanceUID
    keys = ["QueryRetrieveLevel=SERIES", f"StudyInstanceUID={study}", "SeriesDescription", "Modality"]
    options = [option for key in keys for option in ("-k", key)]
    found = dcmtk("findscu", "-S", "-aec", "ORTHANC", *options, LOOPBACK, trip.pacs.port)
    descriptions = re.findall(r"\(0008,103e\) LO \[([^\]]*)\]", found.stdout + found.stderr)
    assert any("Syn-CTA" in description for description in descriptions)
    assert len(descriptions) >= 2


def test_no_log_holds_patient_data(trip):
    source = headers(trip.source)[0]
    words = [str(source.PatientName), source.PatientID, source.StudyInstanceUID, *IDENTIFYING]
    text = trip.gateway.log + trip.gateway.http("/metrics")[1]
    app_log = (trip.gateway.jobs(State.DONE)[0].folder / "app.log").read_text()
    assert not any(word in text + app_log for word in words if word)
