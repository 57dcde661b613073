"""Geometry from source to result, in mm at the voxels' corners, for every way in which a patient can lie."""

import itertools

import numpy as np
import pydicom
import pytest

from app.cli import main
from tests.dicom_series import COLUMN_SPACING_MM, ORIGIN_MM, ROW_SPACING_MM, SLICE_SPACING_MM, body_hu, write_series
from tests.stand_in_bundle import write_random_bundle

pytestmark = pytest.mark.slow


def _tilt(angle_deg: float) -> list[float]:
    """Orientation of slices that are turned about the patient's left-right axis."""
    angle = np.radians(angle_deg)
    return [1, 0, 0, 0, float(np.cos(angle)), float(np.sin(angle))]


ORIENTATIONS = {
    "head first, supine": [1, 0, 0, 0, 1, 0],
    "head first, prone": [-1, 0, 0, 0, -1, 0],
    "feet first, supine": [-1, 0, 0, 0, 1, 0],
    "feet first, prone": [1, 0, 0, 0, -1, 0],
    "decubitus right": [0, 1, 0, -1, 0, 0],
    "decubitus left": [0, -1, 0, 1, 0, 0],
    "feet first, decubitus": [0, 1, 0, 1, 0, 0],
    "oblique, 12 degrees": _tilt(12),
}
POSITIONS = {
    "head first, prone": "HFP",
    "feet first, supine": "FFS",
    "feet first, prone": "FFP",
    "decubitus right": "HFDR",
    "decubitus left": "HFDL",
    "feet first, decubitus": "FFDR",
}
"""Patient Position (0018,5100) of those that do not lie head first and supine."""


def oriented(orientation, position="HFS"):
    """An edit that puts the slices of an orientation one behind the other along their normal."""
    normal = np.cross(orientation[:3], orientation[3:])

    def edit(ds, i):
        ds.ImageOrientationPatient = list(orientation)
        ds.ImagePositionPatient = list(np.array(ORIGIN_MM) + i * SLICE_SPACING_MM * normal)
        ds.PatientPosition = position

    return edit


def corners_mm(ds) -> np.ndarray:
    """(4, 3) outer corners of the corner voxels of a slice."""
    row, column = np.array(ds.ImageOrientationPatient[:3], float), np.array(ds.ImageOrientationPatient[3:], float)
    row_mm, column_mm = (float(value) for value in ds.PixelSpacing)
    places = itertools.product((-0.5, ds.Columns - 0.5), (-0.5, ds.Rows - 0.5))
    origin_mm = np.array(ds.ImagePositionPatient, float)
    return np.array([origin_mm + i * column_mm * row + j * row_mm * column for i, j in places])


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_each_voxel_stays_where_it_was(app, tmp_path, name):
    folder = write_series(tmp_path / "in", oriented(ORIENTATIONS[name], POSITIONS.get(name, "HFS")))
    sources = {ds.SOPInstanceUID: ds for ds in map(pydicom.dcmread, folder.iterdir())}
    run = app(folder)
    assert len(run.slices) == len(sources)
    for result in run.slices:
        source = sources[result.SourceImageSequence[0].ReferencedSOPInstanceUID]
        assert np.abs(corners_mm(result) - corners_mm(source)).max() < 1e-3
        assert np.array_equal(result.pixel_array - 1024 - 200, source.pixel_array - 1024.0)
        assert result.FrameOfReferenceUID == source.FrameOfReferenceUID
        assert result.PatientPosition == source.PatientPosition


def test_result_json_gives_the_affine(app, tmp_path):
    run = app(write_series(tmp_path / "in"))
    affine = np.array(run.result["series"]["affine_lps_mm"])
    last = affine @ [47, 39, 9, 1]
    side_mm = np.multiply([47, 39, 9], [COLUMN_SPACING_MM, ROW_SPACING_MM, SLICE_SPACING_MM])
    assert np.allclose(last[:3], np.add(ORIGIN_MM, side_mm))


def test_too_oblique_slices_are_refused(app, tmp_path):
    run = app(write_series(tmp_path / "in", oriented(_tilt(20))))
    assert run.refusal == (65, "geometry")
    assert "20.0 degrees" in run.message


# ---- the way through the network's grid ----


@pytest.fixture(scope="module")
def random_bundle(tmp_path_factory, bundle_folder):
    return write_random_bundle(tmp_path_factory.mktemp("random") / "bundle", bundle_folder)


def stored_as(hu: np.ndarray, orientation: list[float]) -> np.ndarray:
    """A (z, y, x) volume in LPS order as (slice, row, column) of an orientation along the patient's axes."""
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    directions = np.array([np.cross(row, column), column, row])  # slice, row index, column index; each in x, y, z
    axes = [2 - int(np.argmax(np.abs(direction))) for direction in directions]
    flips = tuple(slice(None, None, -1 if direction.sum() < 0 else 1) for direction in directions)
    return hu.transpose(axes)[flips]


@pytest.mark.parametrize("name", ["head first, prone", "feet first, supine", "decubitus left"])
def test_the_enhancement_is_the_same_however_the_patient_lies(tmp_path, random_bundle, settings_file, name):
    """One body, stored in two ways: what the network adds lies at the same place of the patient."""
    hu = body_hu(10, 44, 44)

    def written_hu(case: str) -> np.ndarray:
        orientation = ORIENTATIONS[case]
        normal = np.cross(orientation[:3], orientation[3:])

        def edit(ds, i):
            ds.PixelSpacing = [0.8, 0.8]
            ds.ImageOrientationPatient = orientation
            ds.ImagePositionPatient = list(i * SLICE_SPACING_MM * normal)

        folder = write_series(tmp_path / case.replace(" ", "") / "in", edit, hu=stored_as(hu, orientation))
        output = folder.parent / "out"
        arguments = ["-i", folder, "-o", output, "-m", random_bundle, "--settings", settings_file({})]
        assert main([*map(str, arguments), "--device", "cpu", "--no-amp"]) == 0
        slices = sorted(map(pydicom.dcmread, (output / "syn-cta").iterdir()), key=lambda ds: ds.InstanceNumber)
        return np.stack([ds.pixel_array - 1024.0 for ds in slices])

    expected_hu = written_hu("head first, supine")
    assert np.abs(expected_hu - hu).max() > 5, "the network must add something"
    assert np.abs(written_hu(name) - stored_as(expected_hu, ORIENTATIONS[name])).max() <= 1
