import pytest
import torch

from scripts.hu_window import HUWindow
from scripts.losses.known_enhancement import KnownEnhancementLoss

HU_RANGE = (-2000, 2095)


def loss_of(synthetic_hu: torch.Tensor, ncct_hu: torch.Tensor, cta_hu: torch.Tensor, known: torch.Tensor) -> float:
    to_norm = HUWindow(HU_RANGE).to_norm
    label = torch.stack((to_norm(ncct_hu), to_norm(cta_hu), known), dim=1)
    return KnownEnhancementLoss(HU_RANGE)(to_norm(synthetic_hu)[:, None], label).item()


@pytest.fixture
def slices() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Unenhanced tissue with a vessel of 10 x 10 pixels that rises by 310 HU; all of it is known."""
    ncct_hu = torch.full((1, 40, 40), 40.0)
    cta_hu = ncct_hu.clone()
    cta_hu[:, :10, :10] = 350
    return ncct_hu, cta_hu, torch.ones_like(ncct_hu)


def test_the_true_cta_costs_nothing(slices):
    ncct_hu, cta_hu, known = slices
    assert loss_of(cta_hu, ncct_hu, cta_hu, known) == pytest.approx(0, abs=1e-4)


def test_what_is_not_known_costs_nothing(slices):
    ncct_hu, cta_hu, known = slices
    known[:, 20:] = 0
    wrong = cta_hu.clone()
    wrong[:, 20:] += 500
    assert loss_of(wrong, ncct_hu, cta_hu, known) == pytest.approx(0, abs=1e-4)


def test_tissue_that_is_off_by_ten_hu_everywhere_costs_one(slices):
    ncct_hu, _, known = slices
    assert loss_of(ncct_hu + 10, ncct_hu, ncct_hu, known) == pytest.approx(1, rel=1e-3)


def test_an_error_in_a_vessel_costs_more_than_beside_it(slices):
    ncct_hu, cta_hu, known = slices
    dark, lit = cta_hu.clone(), cta_hu.clone()
    dark[:, :10, :10] -= 100
    lit[:, 20:30, 20:30] += 100
    assert loss_of(dark, ncct_hu, cta_hu, known) > loss_of(lit, ncct_hu, cta_hu, known) + 0.2


def test_a_slice_without_a_known_pixel_gives_a_number(slices):
    ncct_hu, cta_hu, known = slices
    assert loss_of(ncct_hu, ncct_hu, cta_hu, known * 0) == 0
