"""The shipped weights on a phantom chest that they were never trained on."""

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser

from cohorts.phantom import PhantomPatient, generate_patient
from scripts.hu_window import HUWindow
from scripts.inferers import AxialSliceInferer
from scripts.metrics import lumen_error_hu
from scripts.structures import Structure

pytestmark = pytest.mark.slow

WINDOW = HUWindow((-2000, 2095))
UNSEEN_SEED = 987_654


@pytest.fixture(scope="module")
def patient() -> PhantomPatient:
    return generate_patient(UNSEEN_SEED, "chest", "healthy", slices=3)


@pytest.fixture(scope="module")
def network(bundle_folder) -> torch.nn.Module:
    parser = ConfigParser(ConfigParser.load_config_file(bundle_folder / "configs" / "inference.yaml"))
    network = parser.get_parsed_content("network_def")
    network.load_state_dict(torch.load(bundle_folder / "models" / "model.pt", weights_only=True))
    return network.eval()


def synthesise(network: torch.nn.Module, patient: PhantomPatient, amp: bool = False) -> np.ndarray:
    """Synthetic CTA in HU, (z, y, x)."""
    ncct_hu = torch.from_numpy(patient.ncct_hu.astype(np.float32))
    volume_norm = WINDOW.to_norm(ncct_hu).permute(1, 2, 0)[None, None]  # (1, 1, H, W, D)
    with torch.inference_mode():
        synthetic_norm = AxialSliceInferer(context_slices=network.context_slices, amp=amp)(volume_norm, network)
    return WINDOW.to_hu(synthetic_norm[0, 0].permute(2, 0, 1)).numpy()


@pytest.fixture(scope="module")
def synthetic_hu(network, patient) -> np.ndarray:
    return synthesise(network, patient)


def test_the_lumen_comes_nearer_to_the_truth_than_the_ncct_is(synthetic_hu, patient):
    unchanged_hu = lumen_error_hu(
        patient.ncct_hu.astype(float), patient.cta_aligned_hu.astype(float), patient.structures
    )
    synthesised_hu = lumen_error_hu(synthetic_hu, patient.cta_aligned_hu.astype(float), patient.structures)
    assert synthesised_hu < unchanged_hu / 2


def test_air_outside_the_body_stays_air(synthetic_hu, patient):
    air = (patient.structures == Structure.OUTSIDE) & (patient.ncct_hu < -900)
    assert np.abs(synthetic_hu[air] - patient.ncct_hu[air]).mean() < 5


def test_mixed_precision_stays_within_two_hu_on_average_and_ten_at_most(network, synthetic_hu, patient):
    difference_hu = np.abs(synthesise(network, patient, amp=True) - synthetic_hu)
    assert difference_hu.mean() <= 2
    assert difference_hu.max() <= 10
