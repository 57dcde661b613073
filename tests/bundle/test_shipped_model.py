"""The shipped weights on a phantom chest that they were never trained on."""

from pathlib import Path

import numpy as np
import pytest
import torch

from cohorts.phantom import PhantomPatient, generate_patient
from cohorts.phantom.output.nifti import write_nifti
from scripts.evaluation.synthesis import Synthesis
from scripts.metrics import lumen_error_hu
from scripts.structures import Structure

pytestmark = pytest.mark.slow

UNSEEN_SEED = 987_654


@pytest.fixture(scope="module")
def patient() -> PhantomPatient:
    return generate_patient(UNSEEN_SEED, "chest", "healthy", slices=16)


@pytest.fixture(scope="module")
def ncct(patient, tmp_path_factory) -> Path:
    return write_nifti(patient, tmp_path_factory.mktemp("patient"))["ncct"]


def synthesise(ncct: Path, amp: bool = False) -> np.ndarray:
    """Synthetic CTA in HU, (z, y, x)."""
    _, synthetic_hu = Synthesis(settings={"amp": amp})(ncct)
    return np.asarray(synthetic_hu)[0].T


@pytest.fixture(scope="module")
def synthetic_hu(ncct) -> np.ndarray:
    return synthesise(ncct)


@pytest.mark.parametrize("name", ["model.pt", "context.pt"])
def test_no_weight_has_overflowed(bundle_folder, name):
    weights = torch.load(bundle_folder / "models" / name, weights_only=True)
    assert [key for key, values in weights.items() if not torch.isfinite(values).all()] == []


def test_the_lumen_comes_nearer_to_the_truth_than_the_ncct_is(synthetic_hu, patient):
    unchanged_hu = lumen_error_hu(
        patient.ncct_hu.astype(float), patient.cta_aligned_hu.astype(float), patient.structures
    )
    synthesised_hu = lumen_error_hu(synthetic_hu, patient.cta_aligned_hu.astype(float), patient.structures)
    assert synthesised_hu < unchanged_hu / 2


def test_air_outside_the_body_stays_air(synthetic_hu, patient):
    air = (patient.structures == Structure.OUTSIDE) & (patient.ncct_hu < -900)
    assert np.abs(synthetic_hu[air] - patient.ncct_hu[air]).mean() < 5


def test_mixed_precision_stays_within_two_hu_on_average_and_ten_at_most(ncct, synthetic_hu):
    difference_hu = np.abs(synthesise(ncct, amp=True) - synthetic_hu)
    assert difference_hu.mean() <= 2
    assert difference_hu.max() <= 10
