"""The mark that a phantom's anatomy sets."""

import json

import numpy as np
import pytest

from cohorts.phantom import write_cohort
from cohorts.phantom.anatomy import draw_anatomy
from cohorts.phantom.patient import clean_enhancement_hu
from scripts.data import patients
from scripts.structures import Structure
from studies.model_card.perfect_reader import perfect_reader
from studies.model_card.phantom_scores import score_patients
from tests.bundle.cohorts.phantom.small_patients import COARSE, coarse_patient

pytestmark = [pytest.mark.slow, pytest.mark.long]

SIZE = {"slices": 8, "matrix": 64, "spacing_mm": (6.0, 6.0, 6.0), "misalignment_mm": 0.0}


def usual_enhancement_hu(seed: int, region: str) -> np.ndarray:
    """Of a coarse patient."""
    return clean_enhancement_hu(
        draw_anatomy(seed, region, "healthy", usual_levels=True, **COARSE), COARSE["spacing_mm"]
    )


@pytest.fixture(scope="module")
def cohort(tmp_path_factory) -> list[dict]:
    """One patient on coarse voxels."""
    datalist = write_cohort(tmp_path_factory.mktemp("phantoms"), training=0, validation=0, test=1, workers=1, **SIZE)
    return patients(datalist, "test")


def test_the_usual_enhancement_is_that_of_the_same_anatomy():
    patient = coarse_patient(3, "chest", "healthy", 0.0)
    usual_hu = usual_enhancement_hu(3, "chest")
    enhancement_hu = patient.cta_aligned_hu.astype(float) - patient.ncct_hu
    assert np.corrcoef(usual_hu.ravel(), enhancement_hu.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("seed", [1, 2])
def test_the_lumen_is_brought_to_350_hu_whatever_the_patient_has(seed):
    patient = coarse_patient(seed, "abdomen", "healthy", 0.0)
    brightest_hu = np.percentile(usual_enhancement_hu(seed, "abdomen"), 99.9)
    blood_hu = np.median(patient.ncct_hu[patient.structures == Structure.ARTERIAL_LUMEN])
    assert brightest_hu + blood_hu == pytest.approx(350, abs=12)


def test_it_comes_nearer_to_the_truth_than_the_unchanged_ncct(cohort):
    rows = {row["model"]: row["PSNR, dB"] for row in score_patients(cohort, perfect_reader)}
    assert rows["perfect reader"] > rows["NCCT unchanged"] + 3


def test_only_where_contrast_goes_is_anything_added(cohort):
    ncct_hu, synthetic_hu = perfect_reader(cohort[0]["ncct"])
    added = (synthetic_hu - ncct_hu).abs() > 1
    assert 0.001 < added.float().mean() < 0.3


def test_a_patient_who_is_no_phantom_is_refused(small_datalist):
    with pytest.raises(ValueError, match="was not written by"):
        perfect_reader(patients(small_datalist, "training")[0]["ncct"])


def test_a_patient_of_another_version_is_refused(tmp_path):
    (tmp_path / "parameters.json").write_text(json.dumps({"version": 0}))
    with pytest.raises(ValueError, match="another version"):
        perfect_reader(tmp_path / "ncct.nii")
