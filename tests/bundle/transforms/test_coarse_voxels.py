"""Slices as an archive of coarse voxels has them."""

import pytest
import torch

from scripts.transforms import RandCoarseVoxelsd

SPACING_MM = (1.25, 0.67, 0.67)


def coarse(record: dict, *, voxel_mm=(1.5, 1.5), noise_hu=0.0, prob=1.0, seed=0) -> dict:
    transform = RandCoarseVoxelsd(["ncct", "cta"], SPACING_MM, voxel_mm, "ncct", noise_hu, prob=prob)
    return transform.set_random_state(seed)(record)


@pytest.fixture
def noise() -> dict:
    """The same white noise of 10 HU as NCCT and CTA, three slices."""
    slices = 10 * torch.randn(3, 64, 80, generator=torch.Generator().manual_seed(0))
    return {"ncct": slices, "cta": slices.clone()}


def correlation(slices: torch.Tensor, axis: int) -> float:
    """Of neighbours along an axis."""
    first, second = slices.narrow(axis, 0, slices.shape[axis] - 1), slices.narrow(axis, 1, slices.shape[axis] - 1)
    return float((first * second).mean() / slices.square().mean())


def test_the_shape_stays(noise):
    assert coarse(noise)["ncct"].shape == (3, 64, 80)


def test_slices_without_neighbours_stay_single(noise):
    assert coarse({key: value[:1] for key, value in noise.items()})["cta"].shape == (1, 64, 80)


def test_a_ramp_stays_a_ramp():
    ramp = torch.arange(40.0)[None, None, :].expand(3, 30, 40)
    result = coarse({"ncct": ramp, "cta": ramp}, voxel_mm=(1.1, 1.1))["cta"]
    torch.testing.assert_close(result[:, 3:-3, 3:-3], ramp[:, 3:-3, 3:-3], atol=1e-3, rtol=0)


@pytest.mark.parametrize(("axis", "least"), [(0, 0.2), (1, 0.6), (2, 0.6)])
def test_noise_is_alike_in_neighbours(noise, axis, least):
    assert correlation(noise["ncct"], axis) < 0.1
    assert correlation(coarse(noise)["ncct"], axis) > least


def test_both_scans_lie_on_the_same_lattice(noise):
    result = coarse(noise, voxel_mm=(0.9, 1.8))
    torch.testing.assert_close(result["ncct"], result["cta"])


def test_noise_comes_on_the_named_scan_alone(noise):
    still, noisy = coarse(noise), coarse(noise, noise_hu=40.0)
    torch.testing.assert_close(noisy["cta"], still["cta"])
    assert noisy["ncct"].std() > 1.2 * still["ncct"].std()


def test_a_record_that_is_not_drawn_is_left_alone(noise):
    assert coarse(noise, prob=0.0)["ncct"] is noise["ncct"]


def test_another_seed_draws_another_lattice(noise):
    assert not torch.allclose(coarse(noise, seed=1)["cta"], coarse(noise, seed=2)["cta"])
