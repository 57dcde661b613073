import numpy as np
import pytest

from scripts.metrics import PAPER, SYNTHRAD, mae_hu, ms_ssim, nmae, psnr_db, ssim


@pytest.fixture
def structures() -> np.ndarray:
    structures = np.ones((8, 8, 8), dtype=np.uint8)
    structures[:, :, :4] = 0
    return structures


@pytest.fixture
def cta_hu() -> np.ndarray:
    return np.random.default_rng(0).normal(40, 10, (8, 8, 8))


def test_nmae_is_the_mean_error_over_4095(cta_hu, structures):
    assert nmae(cta_hu + 40.95, cta_hu, structures) == pytest.approx(0.01)


def test_psnr_of_a_constant_error(cta_hu, structures):
    assert psnr_db(cta_hu + 40.95, cta_hu, structures) == pytest.approx(40)


def test_a_perfect_result_has_infinite_psnr(cta_hu, structures):
    assert psnr_db(cta_hu, cta_hu, structures) == float("inf")


@pytest.mark.parametrize("metric", [nmae, psnr_db])
def test_what_lies_outside_the_body_does_not_count(cta_hu, structures, metric):
    outside_wrong = np.where(structures == 0, cta_hu + 500, cta_hu + 1)
    assert metric(outside_wrong, cta_hu, structures) == pytest.approx(metric(cta_hu + 1, cta_hu, structures))


def test_ssim_of_equal_volumes_is_one(cta_hu, structures):
    assert ssim(cta_hu, cta_hu, structures) == pytest.approx(1)


def test_mae_is_in_hu(cta_hu, structures):
    assert mae_hu(cta_hu + 12, cta_hu, structures) == pytest.approx(12)


def test_synthrads_narrower_range_lowers_psnr_by_015_db(cta_hu, structures):
    paper, synthrad = (psnr_db(cta_hu + 40, cta_hu, structures, convention) for convention in (PAPER, SYNTHRAD))
    assert paper - synthrad == pytest.approx(0.152, abs=5e-4)


def test_synthrad_clips_both_volumes(cta_hu, structures):
    assert mae_hu(cta_hu * 0 + 3500, cta_hu * 0 + 2990, structures, SYNTHRAD) == pytest.approx(10)


def test_ssim_of_two_flat_volumes_is_its_luminance_term(structures):
    flat = np.zeros((8, 8, 8))
    constant = (0.01 * 4095) ** 2
    luminance = (2 * 100 * 200 + constant) / (100**2 + 200**2 + constant)
    assert ssim(flat + 100, flat + 200, structures) == pytest.approx(luminance)


def test_synthrads_ssim_does_not_see_what_lies_outside_the_body(cta_hu, structures):
    outside_wrong = np.where(structures == 0, cta_hu + 2000, cta_hu)
    assert ssim(outside_wrong, cta_hu, structures, SYNTHRAD) == pytest.approx(1)
    assert ssim(outside_wrong, cta_hu, structures, PAPER) < 0.99


@pytest.fixture
def slab() -> np.ndarray:
    """A body of 112 x 120 pixels in 3 of 4 slices, thinner than any 3-D multi-scale metric takes."""
    structures = np.zeros((130, 130, 4), dtype=np.uint8)
    structures[4:116, 4:124, 1:] = 1
    return structures


def test_ms_ssim_of_equal_volumes_is_one(slab):
    noise_hu = np.random.default_rng(0).normal(40, 20, slab.shape)
    assert ms_ssim(noise_hu, noise_hu, slab) == pytest.approx(1)


def test_ms_ssim_of_two_flat_volumes_is_the_luminance_term_of_the_coarsest_scale(slab):
    constant = (0.01 * 4095) ** 2
    luminance = (2 * 100 * 200 + constant) / (100**2 + 200**2 + constant)
    flat = np.zeros(slab.shape)
    assert ms_ssim(flat + 100, flat + 200, slab) == pytest.approx(luminance**0.1333, rel=1e-4)


def test_ms_ssim_takes_a_body_smaller_than_its_scales(slab):
    slab[20:] = 0
    noise_hu = np.random.default_rng(0).normal(40, 20, slab.shape)
    assert ms_ssim(noise_hu, noise_hu, slab) == pytest.approx(1)


def test_ms_ssim_falls_with_noise(slab):
    clean_hu = np.random.default_rng(0).normal(40, 200, slab.shape)
    noise_hu = np.random.default_rng(1).normal(0, 200, slab.shape)
    assert ms_ssim(clean_hu + noise_hu, clean_hu, slab) < ms_ssim(clean_hu + noise_hu / 4, clean_hu, slab) < 1
