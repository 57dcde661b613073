import numpy as np
import pytest

from scripts.metrics import nmae, psnr_db, ssim


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
