import pytest
import torch
from torch import nn

from scripts.inferers import AxialSliceInferer


class Recorder(nn.Module):
    """Adds one and remembers the windows that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[tuple[int, ...]] = []

    def forward(self, slices: torch.Tensor) -> torch.Tensor:
        self.windows.append(tuple(slices.shape))
        return slices + 1


def test_every_slice_goes_through_the_network_in_its_place():
    volume = torch.rand(1, 1, 40, 50, 5)
    torch.testing.assert_close(AxialSliceInferer()(volume, Recorder()), volume + 1)


def test_a_slice_below_the_largest_window_is_seen_whole():
    network = Recorder()
    AxialSliceInferer(batch_slices=2)(torch.rand(1, 1, 100, 70, 3), network)
    assert network.windows == [(2, 1, 128, 96), (1, 1, 128, 96)]


def test_a_slice_above_the_largest_window_is_blended_from_several():
    network = Recorder()
    volume = torch.rand(1, 1, 150, 64, 1)
    result = AxialSliceInferer(max_window_px=64, batch_slices=1)(volume, network)
    assert len(network.windows) > 1
    torch.testing.assert_close(result, volume + 1)


def test_outside_the_body_the_result_is_the_input():
    volume = torch.full((1, 1, 96, 96, 2), -1.0)
    volume[:, :, 40:60, 40:60] = 0.5
    result = AxialSliceInferer(body_threshold=0.0, body_margin_px=4)(volume, Recorder())
    assert torch.equal(result[:, :, :36], volume[:, :, :36])
    torch.testing.assert_close(result[:, :, 40:60, 40:60], volume[:, :, 40:60, 40:60] + 1)


def test_the_window_covers_the_body_alone():
    network = Recorder()
    volume = torch.full((1, 1, 256, 256, 1), -1.0)
    volume[:, :, 100:150, 100:150] = 0.5
    AxialSliceInferer(body_threshold=0.0, body_margin_px=4)(volume, network)
    assert network.windows == [(1, 1, 64, 64)]


def test_a_window_that_is_no_multiple_is_refused():
    with pytest.raises(ValueError, match="found 500"):
        AxialSliceInferer(max_window_px=500)


def test_the_network_sees_the_neighbours_of_each_slice():
    class OfNeighbours(nn.Module):
        def forward(self, slab: torch.Tensor) -> torch.Tensor:
            return 100 * slab[:, 0, None] + 10 * slab[:, 1, None] + slab[:, 2, None]

    volume = torch.arange(5.0).expand(1, 1, 32, 32, 5)
    result = AxialSliceInferer(context_slices=1, batch_slices=2)(volume, OfNeighbours())
    assert result[0, 0, 0, 0].tolist() == [1, 12, 123, 234, 344], "at both ends the last slice is repeated"


def test_slices_that_only_serve_as_neighbours_do_not_go_through_the_network():
    network = Recorder()
    volume = torch.rand(1, 1, 32, 32, 7)
    result = AxialSliceInferer(batch_slices=2)(volume, network, wanted=range(2, 5))
    assert torch.equal(result[..., 2:5], volume[..., 2:5] + 1)
    assert torch.equal(result[..., [0, 1, 5, 6]], volume[..., [0, 1, 5, 6]])


def test_the_volume_given_is_left_alone():
    volume = torch.rand(1, 1, 32, 32, 2)
    before = volume.clone()
    AxialSliceInferer()(volume, Recorder())
    assert torch.equal(volume, before)


# ---- with the map of the context network ----


class OfContext(nn.Module):
    """Gives the first channel behind three slices."""

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        assert seen.shape[1] == 5
        return seen[:, 3, None]


def test_the_context_follows_the_neighbours_of_each_slice():
    context = torch.stack([torch.arange(6.0), -torch.arange(6.0)])[None, :, None, None].expand(1, 2, 4, 4, 6)
    result = AxialSliceInferer(context_slices=1)(torch.rand(1, 1, 32, 32, 6), OfContext(), context=context)
    assert result[0, 0, 7, 7].tolist() == [0, 1, 2, 3, 4, 5]


def test_the_context_is_brought_to_the_pixels_with_its_outer_faces():
    context = torch.arange(16.0)[None, None, :, None, None].expand(1, 2, 16, 8, 2)
    result = AxialSliceInferer(context_slices=1)(torch.rand(1, 1, 64, 32, 2), OfContext(), context=context)
    expected = ((torch.arange(64.0) + 0.5) / 4 - 0.5).clamp(0, 15)
    torch.testing.assert_close(result[0, 0, :, 5, 0], expected)


def test_the_context_is_cropped_with_the_body():
    volume = torch.full((1, 1, 128, 128, 2), -1.0)
    volume[:, :, 64:96, 64:96] = 0.5
    context = torch.arange(128.0)[None, None, :, None, None].expand(1, 2, 128, 128, 2)
    result = AxialSliceInferer(context_slices=1, body_threshold=0.0, body_margin_px=4)(
        volume, OfContext(), context=context
    )
    torch.testing.assert_close(result[0, 0, 64:96, 80, 1], torch.arange(64.0, 96.0))


def test_a_bright_context_does_not_widen_the_body():
    volume = torch.full((1, 1, 128, 128, 2), -1.0)
    volume[:, :, 40:60, 40:60] = 0.5
    context = torch.ones(1, 2, 32, 32, 2)
    result = AxialSliceInferer(context_slices=1, body_threshold=0.0, body_margin_px=4)(
        volume, OfContext(), context=context
    )
    assert torch.equal(result[:, :, :36], volume[:, :, :36])
