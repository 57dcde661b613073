"""What an operation leaves behind in a phantom."""

from functools import cache

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, label

from cohorts.phantom import PhantomPatient, generate_patient
from tests.bundle.cohorts.phantom.small_patients import FINE

pytestmark = pytest.mark.slow

METAL_HU = 600


@cache
def patient(seed: int, region: str, disease: str, operated_share: float) -> PhantomPatient:
    return generate_patient(seed, region, disease, misalignment_mm=0, operated_share=operated_share, **FINE)


def metal_around_lumen(made: PhantomPatient) -> np.ndarray:
    lumen = made.structures == 3
    wall = binary_dilation(lumen, np.ones((1, 3, 3), bool), iterations=2)
    return wall & (made.ncct_hu > METAL_HU)


@pytest.mark.parametrize(
    ("seed", "region", "disease"),
    [(13, "chest", "aneurysm"), (12, "chest", "atherosclerosis"), (14, "abdomen", "aneurysm")],
)
def test_a_stent_is_a_circle_of_bright_dots(seed, region, disease):
    operated, untouched = (patient(seed, region, disease, share) for share in (1.0, 0.0))
    dots = metal_around_lumen(operated) & ~metal_around_lumen(untouched)
    assert label(dots[4])[1] >= 4, "dots in one slice"


def test_the_lumen_in_a_stent_is_as_bright_as_without_one():
    operated, untouched = (patient(14, "abdomen", "aneurysm", share) for share in (1.0, 0.0))
    lumen = (operated.structures == 3) & (operated.ncct_hu < 100)
    levels = [float(np.median(made.cta_aligned_hu[lumen])) for made in (operated, untouched)]
    assert levels[0] == pytest.approx(levels[1], abs=5)


def test_an_operated_chest_has_wires_at_the_sternum():
    operated, untouched = (patient(16, "chest", "dissection", share) for share in (1.0, 0.0))
    brighter = operated.ncct_hu.astype(int) - untouched.ncct_hu > 250  # a scar brightens fat by 140
    assert brighter[:, : brighter.shape[1] // 2].sum() > 10


def test_scar_takes_the_place_of_fat_between_the_lungs():
    operated, untouched = (patient(13, "chest", "aneurysm", share) for share in (1.0, 0.0))
    middle = np.s_[:, 60:110, 85:115]
    fat = [(abs(made.ncct_hu[middle] + 100) < 30).mean() for made in (operated, untouched)]
    assert fat[0] < 0.8 * fat[1]


def test_a_neck_without_mediastinum_is_left_as_it_is():
    operated, untouched = (patient(16, "neck", "healthy", share) for share in (1.0, 0.0))
    np.testing.assert_array_equal(operated.structures, untouched.structures)


def test_a_share_above_one_is_refused():
    with pytest.raises(ValueError, match=r"share of operated patients must lie between 0 and 1, found 1\.5"):
        generate_patient(1, operated_share=1.5, **FINE)
