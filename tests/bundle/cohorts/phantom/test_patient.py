"""One patient: reproducible, defined in mm, with the right attenuation, noise and structures."""

import numpy as np
import pytest
from scipy.ndimage import binary_erosion, uniform_filter

from cohorts.phantom import anatomy, generate_patient
from tests.bundle.cohorts.phantom.small_patients import COARSE, coarse_patient, fine_patient

pytestmark = [pytest.mark.slow, pytest.mark.long]


def lumen(patient, voxels: int = 1) -> np.ndarray:
    """Arterial lumen without its partial-volume rim."""
    inner = np.ones((1, 3, 3), bool)
    return binary_erosion(patient.structures == 3, inner, iterations=voxels)


def test_same_seed_gives_the_same_patient():
    first, second = coarse_patient(3, "chest", "healthy"), generate_patient(3, "chest", "healthy", **COARSE)
    for name in ("ncct_hu", "cta_hu", "cta_aligned_hu", "structures"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


def test_another_seed_gives_another_anatomy():
    first, second = coarse_patient(3, "chest", "healthy"), coarse_patient(4, "chest", "healthy")
    assert (first.structures != second.structures).mean() > 0.01


def test_region_and_label_follow_from_the_seed_when_not_given():
    small = {"slices": 1, "matrix": 32, "spacing_mm": (12.0, 12.0, 10.0)}
    patients = [generate_patient(seed, **small) for seed in range(4)]
    assert len({p.region for p in patients}) > 1
    assert len({p.label for p in patients}) > 1
    again = generate_patient(3, **small)
    assert (again.region, again.label) == (patients[3].region, patients[3].label)


def test_a_new_disease_leaves_the_patients_of_old_seeds(monkeypatch):
    def drawn():
        return [anatomy.draw_region_and_label(np.random.default_rng(seed)) for seed in range(50)]

    before = drawn()
    monkeypatch.setattr(anatomy, "LABELS", (*anatomy.LABELS, "stenosis"))
    assert drawn() == before


def test_types_and_shapes_are_those_of_the_interface():
    patient = coarse_patient(3, "chest", "healthy")
    assert {v.dtype for v in (patient.ncct_hu, patient.cta_hu, patient.cta_aligned_hu)} == {np.dtype(np.int16)}
    assert patient.structures.dtype == np.uint8
    assert patient.ncct_hu.shape == patient.structures.shape == (12, 128, 128)


@pytest.mark.parametrize("region", ["neck", "chest", "abdomen"])
def test_every_region_holds_all_four_structures(region):
    assert set(np.unique(coarse_patient(3, region, "healthy").structures)) == {0, 1, 2, 3}


@pytest.mark.parametrize("region", ["chest", "abdomen"])
def test_unenhanced_lumen_is_near_40_hu(region):
    patient = fine_patient(5, region, "healthy")
    assert patient.ncct_hu[lumen(patient, 2)].mean() == pytest.approx(41, abs=8)


@pytest.mark.parametrize("region", ["chest", "abdomen"])
def test_arterial_lumen_is_near_350_hu(region):
    patient = fine_patient(5, region, "healthy")
    assert patient.cta_aligned_hu[lumen(patient, 2)].mean() == pytest.approx(350, abs=45)


def test_only_labelled_structures_enhance():
    patient = fine_patient(5, "chest", "healthy")
    enhancement = patient.cta_aligned_hu.astype(float) - patient.ncct_hu
    unlabelled = binary_erosion(patient.structures == 1, iterations=1)
    assert abs(enhancement[unlabelled].mean()) < 2
    assert (uniform_filter(enhancement, 3)[unlabelled] > 100).mean() < 0.005


def test_noise_of_the_two_scans_is_independent_and_of_a_usual_level():
    patient = fine_patient(5, "chest", "healthy")
    blood = lumen(patient, 3)
    noise = [v[blood] - v[blood].mean() for v in (patient.ncct_hu, patient.cta_aligned_hu)]
    assert all(4 < n.std() < 25 for n in noise)
    assert abs(np.corrcoef(*noise)[0, 1]) < 0.25


def test_air_stays_within_the_scale_of_ct():
    patient = coarse_patient(3, "chest", "healthy")
    for volume in (patient.ncct_hu, patient.cta_hu):
        assert volume.min() >= -1024
        assert volume.max() <= 3071
        assert volume[0, 0, :4].mean() == pytest.approx(-1000, abs=30)


def test_anatomy_is_the_same_on_a_coarser_grid():
    fine = coarse_patient(3, "abdomen", "healthy")
    coarse = generate_patient(3, "abdomen", "healthy", slices=6, matrix=64, spacing_mm=(6.0, 6.0, 10.0))
    for structure, tolerance in ((1, 0.05), (2, 0.12), (3, 0.3)):
        first = (fine.structures == structure).sum() * 3 * 3 * 5
        second = (coarse.structures == structure).sum() * 6 * 6 * 10
        assert second == pytest.approx(first, rel=tolerance), structure


def test_misalignment_leaves_ncct_and_truth_as_they_are():
    still, moved = (coarse_patient(3, "chest", "healthy", mm) for mm in (0.0, 4.0))
    assert np.array_equal(still.ncct_hu, moved.ncct_hu)
    assert np.array_equal(still.cta_aligned_hu, moved.cta_aligned_hu)


def test_without_misalignment_the_cta_differs_from_the_truth_by_noise_alone():
    still, moved = (coarse_patient(3, "chest", "healthy", mm) for mm in (0.0, 4.0))
    body = still.structures > 0
    rms = [np.sqrt(((p.cta_hu.astype(float) - p.cta_aligned_hu)[body] ** 2).mean()) for p in (still, moved)]
    assert rms[0] < 30
    assert rms[1] > 3 * rms[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"region": "knee"}, "neck, chest, abdomen"),
        ({"label": "stent"}, "dissection"),
        ({"slices": 0}, "0 slices"),
        ({"misalignment_mm": -1.0}, "negative"),
    ],
)
def test_wrong_arguments_are_refused_with_what_is_allowed(arguments, message):
    with pytest.raises(ValueError, match=message):
        generate_patient(1, **arguments)
