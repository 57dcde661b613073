"""Each label leaves its mark on the same anatomy."""

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, binary_erosion, median_filter

from tests.bundle.cohorts.phantom.small_patients import fine_patient

pytestmark = pytest.mark.slow

PLANE = np.ones((1, 3, 3), bool)


def soft_share_around_lumen(patient) -> float:
    """Share of unenhanced soft tissue in a ring 4 to 9 mm outside the arterial lumen."""
    lumen = patient.structures == 3
    ring = binary_dilation(lumen, PLANE, iterations=5) & ~binary_dilation(lumen, PLANE, iterations=2)
    ncct, cta = (median_filter(v, (1, 3, 3)) for v in (patient.ncct_hu, patient.cta_aligned_hu))
    return float(((np.abs(ncct - 40) < 30) & (np.abs(cta - 40) < 40) & (patient.structures == 1))[ring].mean())


def test_aneurysm_has_thrombus_that_does_not_enhance():
    healthy, sick = (fine_patient(24, "abdomen", label) for label in ("healthy", "aneurysm"))
    assert soft_share_around_lumen(sick) > soft_share_around_lumen(healthy) + 0.1


def test_aneurysm_widens_the_lumen():
    healthy, sick = (fine_patient(24, "abdomen", label) for label in ("healthy", "aneurysm"))
    assert (sick.structures == 3).sum() > 1.3 * (healthy.structures == 3).sum()


@pytest.mark.parametrize("region", ["chest", "abdomen"])
def test_dissection_has_two_lumens_of_different_enhancement(region):
    def spread(label: str) -> float:
        patient = fine_patient(26, region, label)
        inner = binary_erosion(patient.structures == 3, PLANE, iterations=2)
        values = median_filter(patient.cta_aligned_hu, (1, 5, 5))[inner]
        return float(np.percentile(values, 95) - np.percentile(values, 5))

    assert spread("dissection") > spread("healthy") + 30


def test_false_lumen_has_half_to_nine_tenths_of_the_enhancement():
    from cohorts.phantom.atlas.tissues import Tissue, draw_attenuation

    for seed in range(50):
        hu = draw_attenuation(np.random.default_rng(seed))
        true, false = (hu[t].arterial_hu - hu[t].unenhanced_hu for t in (Tissue.ARTERY, Tissue.FALSE_LUMEN))
        assert 0.5 <= false / true <= 0.9


def test_flap_is_hardly_visible_without_contrast():
    patient = fine_patient(26, "abdomen", "dissection")
    inner = binary_erosion(patient.structures == 3, PLANE, iterations=2)
    values = median_filter(patient.ncct_hu, (1, 5, 5))[inner]
    assert np.percentile(values, 95) - np.percentile(values, 5) < 40


def test_atherosclerosis_has_much_calcium_where_the_healthy_wall_has_none():
    healthy, sick = (fine_patient(16, "chest", label) for label in ("healthy", "atherosclerosis"))
    wall = binary_dilation(healthy.structures == 3, PLANE, iterations=2)
    assert (wall & (sick.ncct_hu > 180) & (healthy.ncct_hu < 100)).sum() > 15
    assert (wall & (healthy.ncct_hu > 180) & (sick.ncct_hu < 100)).sum() < 3


def test_calcium_stays_in_the_cta():
    sick = fine_patient(16, "chest", "atherosclerosis")
    calcium = (sick.ncct_hu > 300) & binary_dilation(sick.structures == 3, PLANE, iterations=1)
    assert sick.cta_aligned_hu[calcium].mean() > 250
