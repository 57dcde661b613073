"""The spread of a generator over altered copies of its input."""

import pytest
import torch
from torch import nn

from scripts.inferers import AxialSliceInferer
from scripts.networks import AlterationSpread, ResidualGenerator


class Local(nn.Module):
    """Raises every pixel by what it is itself: the same wherever the patient lies."""

    def forward(self, x):
        return 1.5 * x[:, x.shape[1] // 2, None]


class LeftOnly(nn.Module):
    """Raises the left half of the slice, wherever the patient lies."""

    def forward(self, x):
        middle = x[:, x.shape[1] // 2, None].clone()
        middle[..., : middle.shape[-1] // 2] += 1.0
        return middle


@pytest.fixture
def slices():
    return torch.rand(2, 3, 32, 48, generator=torch.Generator().manual_seed(0))


def spread(network, slices, **options):
    return AlterationSpread(network, **options)(slices) - slices[:, 1, None]


def test_a_network_that_does_not_contradict_itself_has_no_spread(slices):
    assert spread(Local(), slices).abs().max() < 1e-6


def test_the_spread_is_the_standard_deviation_of_the_enhancement(slices):
    sd = spread(LeftOnly(), slices, shifts_px=[], mirrored_shifts_px=[(0, 0)])
    # one copy raised, the mirrored one not: SD of 1 and 0
    assert torch.allclose(sd, torch.full_like(sd, 0.5**0.5), atol=1e-6)


def test_shifts_come_back_to_where_they_were(slices):
    sd = spread(LeftOnly(), slices, shifts_px=[(3, 4)], mirrored_shifts_px=[])
    columns = (sd > 0.1).any(dim=(0, 1, 2)).nonzero().flatten().tolist()
    assert columns == [*range(20, 24), *range(44, 48)]  # the edges of the raised half, four pixels wide


def test_a_repeat_gives_the_same_map(slices):
    torch.manual_seed(0)
    network = ResidualGenerator(channels=(4, 8, 8), context_slices=1).eval()
    nn.init.normal_(network.enhancement.weight)
    first, second = (spread(network, slices) for _ in range(2))
    assert torch.equal(first, second)
    assert first.max() > 0


def test_it_takes_the_place_of_the_generator_in_the_inferer():
    volume = torch.full((1, 1, 48, 64, 3), -1.0)
    volume[:, :, 16:32, 20:40] = 0.0
    inferer = AxialSliceInferer(max_window_px=64, body_threshold=-0.5, body_margin_px=4)
    with_spread = inferer(volume, AlterationSpread(LeftOnly()))
    outside = with_spread[0, 0, :10] - volume[0, 0, :10]
    assert outside.abs().max() == 0  # air beyond the body's box is left alone
    assert (with_spread - volume).max() > 0.1


def test_the_slice_is_the_middle_one_of_the_slices_and_not_of_all_channels(slices):
    class Same(nn.Module):
        def forward(self, x):
            return x[:, 1, None]

    with_context = torch.cat((slices, torch.rand(2, 6, 32, 48)), dim=1)
    result = AlterationSpread(Same(), context_slices=1)(with_context)
    torch.testing.assert_close(result, slices[:, 1, None])
