"""The image check for contrast: enhanced blood is found, plain CT and bone are not taken for it."""

import numpy as np
import pydicom
import pytest
from scipy import ndimage

from cohorts.phantom import generate_patient
from operators.dicom_loader.body import CoarseBody, coarse_body
from operators.dicom_loader.enhancement import blood_in_vessels, enhanced_blood_ml
from operators.dicom_loader.load import load_ncct_series
from operators.dicom_loader.settings import LoaderSettings
from operators.errors import Reason, Refusal

SPACING_MM = (1.0, 1.0, 2.0)


def body(hu: np.ndarray, spacing_mm: tuple[float, float, float]) -> CoarseBody:
    return coarse_body(hu, np.diag([*spacing_mm, 1.0]))


def is_contrast(patient: CoarseBody) -> bool:
    limit_ml, bright_ml = LoaderSettings().enhanced_volume_ml, enhanced_blood_ml(patient)
    blood = blood_in_vessels(patient)
    return bright_ml >= limit_ml if blood is None else blood.is_contrast(limit_ml, bright_ml)


def tube_hu(radius_mm: float, inner_hu: float, shell_hu: float | None = None) -> np.ndarray:
    """(40, 80, 80) soft tissue with noise and an upright tube, perhaps in a shell of 4 mm."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:80, :80]
    distance_mm = np.hypot(y - 40, x - 56)  # beside the middle, where the neck has its throat
    plane = np.full((80, 80), 45.0)
    if shell_hu is not None:
        plane[distance_mm < radius_mm + 4] = shell_hu
    plane[distance_mm < radius_mm] = inner_hu
    return np.repeat(plane[None], 40, axis=0) + rng.normal(0, 15, (40, 80, 80))


def test_an_enhanced_aorta_is_found():
    assert enhanced_blood_ml(body(tube_hu(12, 250), SPACING_MM)) > 10


def test_an_unenhanced_aorta_is_not():
    assert enhanced_blood_ml(body(tube_hu(12, 45), SPACING_MM)) == 0


def test_marrow_inside_a_brighter_shell_is_not_blood():
    assert enhanced_blood_ml(body(tube_hu(12, 200, shell_hu=600), SPACING_MM)) == 0


def test_heavy_noise_is_not_blood():
    noise = ndimage.gaussian_filter(np.random.default_rng(0).normal(0, 600, (40, 80, 80)), 1) + 40
    assert enhanced_blood_ml(body(noise, SPACING_MM)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("region", ["chest", "abdomen"])
def test_a_phantom_is_told_from_its_cta(region):
    spacing_mm = (2.0, 2.0, 5.0)
    patient = generate_patient(3, region, slices=24, matrix=192, spacing_mm=spacing_mm)
    assert not is_contrast(body(patient.ncct_hu, spacing_mm))
    assert is_contrast(body(patient.cta_hu, spacing_mm))


@pytest.mark.slow
@pytest.mark.parametrize(
    "folder",
    [
        "dicom_cect_abdomen_CRLM-CT-1006",
        "dicom_cect_arterial_KiTS-00072",
        "dicom_cta_pulmonary_RIDER-Pilot-0117",
        "dicom_cta_pulmonary_RIDER-Pilot-0117_95slices",
        "dicom_cta_neck_to_kidneys_LIDC-IDRI-0001",
    ],
)
def test_real_contrast_series_are_refused_by_the_image_when_the_header_is_emptied(tmp_path, shared_data, folder):
    for file in (shared_data / folder).glob("*.dcm"):
        ds = pydicom.dcmread(file)
        for keyword in ("ContrastBolusAgent", "SeriesDescription"):
            if keyword in ds:
                del ds[keyword]
        ds.ImageType, ds.FrameOfReferenceUID = ["ORIGINAL", "PRIMARY", "AXIAL"], "1.2.3"
        ds.save_as(tmp_path / file.name)
    with pytest.raises(Refusal) as refusal:
        load_ncct_series(tmp_path)
    assert refusal.value.reason is Reason.CONTRAST
    assert "enhanced blood" in refusal.value.message
