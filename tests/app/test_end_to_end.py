"""The shipped bundle on real CT, as a user runs it: one good series, and two that must be refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.dicom_series import dciodvfy_errors

pytestmark = [pytest.mark.slow, pytest.mark.long]

NCCT = "dicom_ncct_chest_LIDC-IDRI-0314"
ARTERIAL = "dicom_cect_arterial_KiTS-00072"
MISSING_SLICE = "odd/dicom2nifti_failing/sliceincrement_001"
SLICES = 48


@pytest.fixture(scope="module")
def run(shared_data, repository):
    """Run the app on a folder of the real CT."""

    def run_app(series: str, output: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app", "-i", shared_data / series, "-o", output, "--device", "cpu"],
            cwd=repository,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    return run_app


@pytest.fixture(scope="module")
def output(run, tmp_path_factory):
    """Output folder of the one run on the good series."""
    folder = tmp_path_factory.mktemp("end_to_end") / "out"
    done = run(NCCT, folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pairs(output, shared_data):
    """(source slice, Syn-CTA slice) by the reference from the result to its source."""
    sources = {ds.SOPInstanceUID: ds for ds in map(pydicom.dcmread, sorted((shared_data / NCCT).glob("*.dcm")))}
    results = [pydicom.dcmread(path) for path in sorted((output / "syn-cta").iterdir())]
    return [(sources[ds.SourceImageSequence[0].ReferencedSOPInstanceUID], ds) for ds in results]


def test_the_ncct_becomes_one_slice_for_each_source_slice(output, pairs):
    assert sorted(path.name for path in output.iterdir()) == [
        "companions",
        "preview.png",
        "result.html",
        "result.json",
        "syn-cta",
    ]
    assert len({source.SOPInstanceUID for source, _ in pairs}) == len(pairs) == SLICES
    assert len({result.SeriesInstanceUID for _, result in pairs}) == 1


def test_the_syn_cta_is_aligned_with_its_source(pairs):
    for source, result in pairs:
        assert np.allclose(result.ImagePositionPatient, source.ImagePositionPatient, atol=1e-3)
        assert np.allclose(result.ImageOrientationPatient, source.ImageOrientationPatient, atol=1e-6)
        assert np.allclose(result.PixelSpacing, source.PixelSpacing, atol=1e-6)
        assert (result.Rows, result.Columns) == (source.Rows, source.Columns)
        assert result.FrameOfReferenceUID == source.FrameOfReferenceUID
        assert result.StudyInstanceUID == source.StudyInstanceUID


def test_the_pixels_lie_where_those_of_the_source_lie(pairs):
    source, result = pairs[SLICES // 2]
    source_hu = source.pixel_array * float(source.RescaleSlope) + float(source.RescaleIntercept)
    result_hu = result.pixel_array * float(result.RescaleSlope) + float(result.RescaleIntercept)
    inside = source_hu > -1024  # not the padding around the reconstructed circle
    assert np.corrcoef(source_hu[inside], result_hu[inside])[0, 1] > 0.9


def test_dciodvfy_finds_no_error_in_the_syn_cta(output, pairs):
    assert dciodvfy_errors(output / "syn-cta") == []


@pytest.mark.parametrize(("series", "reason"), [(ARTERIAL, "contrast"), (MISSING_SLICE, "geometry")])
def test_what_must_not_be_converted_is_refused_and_the_output_stays_untouched(run, tmp_path, series, reason):
    (tmp_path / "note.txt").write_text("mine")
    done = run(series, tmp_path)
    refusal = json.loads(done.stderr.splitlines()[-1])
    assert (done.returncode, refusal["exit_code"], refusal["reason"]) == (65, 65, reason)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]
    assert (tmp_path / "note.txt").read_text() == "mine"
