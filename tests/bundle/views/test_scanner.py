from dataclasses import replace

import pytest
import torch

from scripts.views.scanner import Scanner, blur, simulate_scanner

SAME = Scanner(0, 0, 0, 0, 0, 0, 0, 0)
SPACING_MM = (1.25, 0.67, 0.67)


@pytest.fixture
def view() -> torch.Tensor:
    """A cube of blood in air, and its enhancement as second channel."""
    cube = torch.zeros(1, 9, 24, 24)
    cube[:, 2:7, 6:18, 6:18] = 1
    return torch.cat((-1000 + 1040 * cube, 310 * cube))


def rescanned(view: torch.Tensor, scanner: Scanner, seed: int = 0, noise_free: bool = False) -> torch.Tensor:
    torch.manual_seed(seed)
    return simulate_scanner(view, SPACING_MM, scanner, torch.Generator().manual_seed(seed), noise_free)


def test_a_scanner_without_limits_changes_nothing(view):
    torch.testing.assert_close(rescanned(view, SAME), view)


def test_noise_is_in_the_body_alone(view):
    change = (rescanned(view, replace(SAME, noise_hu=30)) - view)[0]
    assert change[view[0] == -1000].abs().max() == 0
    assert change[view[0] == 40].std() > 1


def test_the_enhancement_gets_no_noise(view):
    noisy = rescanned(view, replace(SAME, noise_hu=30, offset_hu=10, slope=0.03, streak_hu=30))
    assert torch.equal(noisy[1], view[1])


def test_the_enhancement_is_blurred_as_the_scan_is(view):
    blurred = rescanned(view, replace(SAME, kernel_mm=3, slice_mm=3), seed=2)
    torch.testing.assert_close((blurred[0] + 1000) / 1040, blurred[1] / 310, atol=1e-3, rtol=0)
    assert (blurred[1] - view[1]).abs().max() > 10


@pytest.mark.parametrize("seed", range(3))
def test_a_phantom_without_noise_gets_some(view, seed):
    change = rescanned(view, replace(SAME, least_noise_hu=6), seed, noise_free=True) - view
    assert change[0][view[0] == 40].std() == pytest.approx(6, rel=0.25)


@pytest.mark.parametrize("seed", range(5))
def test_an_offset_stays_within_its_limit(view, seed):
    change = (rescanned(view, replace(SAME, offset_hu=12), seed) - view)[0][view[0] == 40]
    assert 0 < change.abs().max() <= 12


def test_values_stay_within_the_scale_of_ct(view):
    assert rescanned(view - 24, Scanner()).min() >= -1024


def test_blur_leaves_an_even_volume_as_it_is():
    even = torch.full((1, 5, 6, 7), 40.0)
    torch.testing.assert_close(blur(even, (1.0, 2.0, 0.7)), even)


def test_blur_spreads_along_its_own_axis_alone():
    point = torch.zeros(1, 9, 9, 9)
    point[0, 4, 4, 4] = 1
    spread = blur(point, (0, 1.0, 0))
    assert (spread[0, 4, :, 4] > 1e-4).sum() == 7
    assert spread.sum().item() == pytest.approx(1, abs=1e-5)
    assert spread[0, 3].sum() == spread[0, :, :, 3].sum() == 0
