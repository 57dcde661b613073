import pytest
import torch

from scripts.networks import MultiScaleDiscriminator


@pytest.fixture
def discriminator() -> MultiScaleDiscriminator:
    torch.manual_seed(0)
    return MultiScaleDiscriminator(base_channels=4)


def test_gives_one_score_per_slice_and_scale(discriminator):
    assert discriminator(torch.rand(3, 1, 64, 80)).shape == (3, 2)


def test_what_lies_around_the_centre_is_judged_by_the_first_scale_alone(discriminator):
    slices = torch.rand(1, 1, 128, 128)
    changed = slices.clone()
    changed[..., :32, :] = 0
    moved = discriminator(changed) != discriminator(slices)
    assert moved.tolist() == [[True, False]]


def test_the_centre_is_seen_at_full_resolution(discriminator):
    slices = torch.rand(1, 1, 128, 128)
    centre = slices[..., 32:96, 32:96]
    torch.testing.assert_close(discriminator(slices)[:, 1:], discriminator.scales[1](centre))


def test_each_scale_has_weights_of_its_own(discriminator):
    one = sum(p.numel() for p in discriminator.scales[0].parameters())
    assert sum(p.numel() for p in discriminator.parameters()) == 2 * one
