"""The muscles of the armpit."""

import numpy as np
import pytest
from scipy.ndimage import binary_erosion

from tests.bundle.cohorts.phantom.small_patients import coarse_patient

pytestmark = pytest.mark.slow


def far_from_the_midline(patient) -> np.ndarray:
    """Soft tissue inside the body, 120 mm and more beside the middle, without bone."""
    beside_mm = np.abs(np.arange(patient.ncct_hu.shape[2]) - (patient.ncct_hu.shape[2] - 1) / 2) * patient.spacing_mm[1]
    inside = binary_erosion(patient.structures > 0, np.ones((1, 3, 3), bool))
    soft = (patient.ncct_hu > 0) & (patient.ncct_hu < 110)
    return inside & soft & (beside_mm > 120)[None, None, :]


def test_there_is_muscle_beside_the_chest():
    patient = coarse_patient(3, "chest", "healthy")
    assert far_from_the_midline(patient).any(axis=(1, 2)).all(), "in every slice"


def test_the_muscles_take_up_no_contrast():
    patient = coarse_patient(3, "chest", "healthy")
    muscle = far_from_the_midline(patient)
    assert abs(float((patient.cta_aligned_hu - patient.ncct_hu)[muscle].mean())) < 5
