import pytest
import torch

from scripts.hu_window import HUWindow
from scripts.networks import ContextNetwork
from scripts.organs import Organ

HU_RANGE = (-2000, 2095)


@pytest.fixture
def network() -> ContextNetwork:
    torch.manual_seed(0)
    return ContextNetwork(channels=(4, 8, 8), res_units=1).eval()


def test_every_voxel_gets_a_logit_of_each_class(network):
    assert network(torch.zeros(2, 1, 8, 16, 12)).shape == (2, len(Organ), 8, 16, 12)


def test_the_answer_at_a_place_does_not_depend_on_what_the_scan_shows_far_away(network):
    scan = torch.rand(1, 1, 8, 8, 64) * 0.1
    other = scan.clone()
    other[..., 44:] = -1
    with torch.inference_mode():
        torch.testing.assert_close(network(scan)[..., :16], network(other)[..., :16])


def test_air_looks_the_same_however_low_its_values(network):
    air, padding = (torch.full((1, 1, 8, 8, 8), HUWindow(HU_RANGE).to_norm(hu)) for hu in (-1000.0, -1500.0))
    with torch.inference_mode():
        torch.testing.assert_close(network(air), network(padding))


def test_blood_and_muscle_look_different(network):
    blood, muscle = (torch.full((1, 1, 8, 8, 8), HUWindow(HU_RANGE).to_norm(hu)) for hu in (40.0, 55.0))
    with torch.inference_mode():
        assert (network(blood) - network(muscle)).abs().max() > 1e-3


def test_sides_of_the_stated_multiple_come_back(network):
    assert network(torch.zeros(1, 1, *[3 * network.multiple] * 3)).shape[2:] == (3 * network.multiple,) * 3
