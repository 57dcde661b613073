"""The context map of a whole scan."""

import pytest
import torch
from monai.data import MetaTensor
from monai.inferers import SlidingWindowInferer
from torch import nn
from torch.nn import functional

from scripts.context import WholeScanContext
from scripts.context.whole_scan import PROBABILITY_STEPS
from scripts.hu_window import HUWindow
from scripts.networks import ContextNetwork
from scripts.organs import CONTEXT_ORGANS, Organ

pytestmark = pytest.mark.slow

HU_RANGE = (-2000, 2095)
COARSE_MM = (2.0, 2.0, 2.5)
AFFINE = torch.diag(torch.tensor([-1.0, -1.0, 2.5, 1.0]))


class BrightIsArtery(nn.Module):
    """Calls artery whatever has more than 300 HU, muscle the rest, and remembers what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))
        self.shown: list[torch.Size] = []

    def forward(self, window_norm: torch.Tensor) -> torch.Tensor:
        self.shown.append(window_norm.shape)
        logits = torch.full((len(window_norm), len(Organ), *window_norm.shape[2:]), -20.0)
        bright = window_norm[:, 0] > HUWindow(HU_RANGE).to_norm(300.0)
        logits[:, Organ.ARTERY] = torch.where(bright, 20.0, -20.0)
        logits[:, Organ.MUSCLE] = 0
        return logits


def whole_scan(network: nn.Module, **options) -> WholeScanContext:
    return WholeScanContext(network, COARSE_MM, HU_RANGE, **({"least_size": (16, 32, 32)} | options))


@pytest.fixture
def body() -> torch.Tensor:
    """(1, columns, rows, slices) of 1 x 1 x 2.5 mm: a box of noisy tissue in air."""
    values = torch.full((1, 96, 80, 20), -1024.0)
    tissue = 40 + 100 * torch.randn(1, 64, 48, 20, generator=torch.Generator().manual_seed(0))
    values[:, 16:80, 16:64] = tissue
    return values


@pytest.fixture
def network() -> ContextNetwork:
    torch.manual_seed(0)
    network = ContextNetwork((4, 4, 4)).eval()
    for values in list(network.parameters())[-4:]:
        values.data *= 5
    return network


def test_an_artery_is_found_in_its_place(body):
    body[0, 30:40, 20:26, 8:12] = 600
    context_map = whole_scan(BrightIsArtery()).of_volume(MetaTensor(body, affine=AFFINE))
    assert context_map.shape == (len(CONTEXT_ORGANS), 40, 48, 20)
    lit = (context_map[CONTEXT_ORGANS.index(Organ.ARTERY)] > 127).nonzero()
    assert lit.amin(dim=0).tolist() == [10, 15, 8]
    assert lit.amax(dim=0).tolist() == [12, 19, 11]


def test_only_the_classes_that_take_up_contrast_are_kept(body):
    body[body < -1000] = 40
    assert not whole_scan(BrightIsArtery()).of_volume(MetaTensor(body.clamp(max=200), affine=AFFINE)).any()


def test_outside_the_body_there_is_nothing(body, network):
    context_map = whole_scan(network, margin_mm=4, least_size=(16, 16, 16)).of_volume(MetaTensor(body, affine=AFFINE))
    assert context_map[:, 16:20].any()
    assert not context_map[:, :6].any()
    assert not context_map[..., :6, :].any()


def test_air_around_the_scan_changes_nothing(body, network):
    context = whole_scan(network)
    as_it_is = context.of_volume(MetaTensor(body, affine=AFFINE))
    padded = context.of_volume(MetaTensor(functional.pad(body, (0, 0, 14, 38, 6, 22), value=-1024), affine=AFFINE))
    assert as_it_is.float().std() > 10
    assert torch.equal(padded[:, 7:47, 3:51], as_it_is)


def test_the_body_is_seen_with_air_around_it_even_where_the_scan_ends():
    network = BrightIsArtery()
    whole_scan(network).of_volume(MetaTensor(torch.full((1, 64, 48, 20), 40.0), affine=AFFINE))
    assert network.shown == [(1, 1, 32, 48, 48)]  # 24 + 2 * 8 and 32 + 2 * 8 voxels, 20 slices, in sixteens


def test_a_long_scan_is_seen_window_by_window():
    network = BrightIsArtery()
    volume = MetaTensor(torch.full((1, 32, 32, 90), 40.0), affine=AFFINE)
    whole_scan(network, window_slices=32).of_volume(volume)
    assert {tuple(shape) for shape in network.shown} == {(1, 1, 32, 32, 32)}
    assert len(network.shown) > 3


@pytest.mark.parametrize("slices", [16, 40, 64])
def test_windows_are_blended_as_monai_blends_them(network, slices):
    view_norm = torch.rand(slices, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    blended = SlidingWindowInferer((16, 32, 32), overlap=0.25, mode="gaussian", sigma_scale=(0.125, 100.0, 100.0))
    with torch.no_grad():
        shares = blended(view_norm[None, None], lambda window: functional.softmax(network(window), dim=1))[0]
    found = whole_scan(network, window_slices=16, overlap=0.25)._class_probabilities(view_norm)
    expected = shares[list(CONTEXT_ORGANS)] * PROBABILITY_STEPS
    assert (found - expected).abs().max() < 0.51


def test_a_single_slice_is_repeated_until_the_network_can_see_it(network):
    context_map = whole_scan(network).of_volume(MetaTensor(torch.full((1, 32, 32, 1), 40.0), affine=AFFINE))
    assert context_map.shape == (len(CONTEXT_ORGANS), 16, 16, 1)


def test_a_scan_of_air_has_a_map(network):
    assert whole_scan(network).of_volume(MetaTensor(torch.full((1, 32, 32, 4), -1024.0), affine=AFFINE)).shape[1] == 16


@pytest.mark.parametrize(("slices", "count"), [(7, 1), (8, 0)])
def test_a_short_scan_is_doubtful(network, slices, count):
    context = whole_scan(network)
    context_map = context.of_volume(MetaTensor(torch.full((1, 32, 32, slices), 40.0), affine=AFFINE))
    assert len(context.warnings_about(context_map)) == count


def test_missing_weights_are_named(network, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"context\.pt"):
        whole_scan(network, weights=tmp_path / "context.pt").load()


def test_weights_of_another_network_are_refused(network, tmp_path):
    torch.save(nn.Linear(1, 1).state_dict(), tmp_path / "context.pt")
    with pytest.raises(ValueError, match="does not fit ContextNetwork"):
        whole_scan(network, weights=tmp_path / "context.pt").load()


def test_the_weights_are_those_of_the_file(network, body, tmp_path):
    torch.save(network.state_dict(), tmp_path / "context.pt")
    volume = MetaTensor(body, affine=AFFINE)
    read = whole_scan(ContextNetwork((4, 4, 4)), weights=tmp_path / "context.pt").of_volume(volume)
    assert torch.equal(read, whole_scan(network).of_volume(volume))


def test_an_offset_moves_the_border_between_classes(body):
    body[0, 30:40, 20:26, 8:12] = 600
    without_artery = whole_scan(BrightIsArtery(), logit_offsets={"MUSCLE": 40})
    assert not without_artery.of_volume(MetaTensor(body, affine=AFFINE)).any()


def test_an_offset_of_an_unknown_class_is_refused_by_name():
    with pytest.raises(ValueError, match="no class ESOPHAGUS; there are OTHER, ARTERY"):
        whole_scan(BrightIsArtery(), logit_offsets={"ESOPHAGUS": 1})
