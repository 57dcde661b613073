import pytest
import torch

from scripts.organs import ANY_ORGAN, Organ, bits
from scripts.views import simulated_context
from scripts.views.simulated_context import add_false_regions, blur_probabilities, probabilities, smooth_shift_voxels


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def context() -> torch.Tensor:
    """Six channels, the first (arteries) lit in a square."""
    context = torch.zeros(6, 40, 40)
    context[0, 10:20, 10:20] = 1
    return context


def test_a_known_voxel_counts_wholly_for_its_class():
    masks = torch.full((1, 1, 2, 2), float(bits({Organ.VEIN})))
    assert probabilities(masks, torch.zeros(1, 1, 1, 3))[Organ.VEIN].item() == 1


def test_a_voxel_that_may_be_anything_counts_for_each_class_alike():
    masks = torch.full((1, 1, 2, 2), float(ANY_ORGAN))
    assert probabilities(masks, torch.zeros(1, 1, 1, 3)).flatten().tolist() == pytest.approx([1 / len(Organ)] * 10)


def test_a_doubtful_map_still_adds_up_to_one():
    shares = torch.rand(len(Organ), 3, 16, 16)
    doubtful = blur_probabilities(shares / shares.sum(dim=0), rng())
    torch.testing.assert_close(doubtful.sum(dim=0), torch.ones(16, 16))


def test_doubt_softens_a_wall():
    shares = torch.zeros(len(Organ), 3, 16, 16)
    shares[Organ.ARTERY, ..., :8], shares[Organ.OTHER, ..., 8:] = 1, 1
    wall = blur_probabilities(shares, rng())[Organ.ARTERY, 8]
    assert 0.01 < wall[8] < 0.5 < wall[7] < 0.99


def test_without_faults_the_map_is_left_alone(context, monkeypatch):
    monkeypatch.setattr(simulated_context, "FALSE_REGION_SHARE", 0)
    assert torch.equal(add_false_regions(context, 2.0, rng()), context)


def test_faults_are_holes_in_arteries_and_lit_places(context, monkeypatch):
    monkeypatch.setattr(simulated_context, "FALSE_REGION_SHARE", 1)
    change = add_false_regions(context, 2.0, rng(1)) - context
    assert change.min() < -0.05
    assert change.max() > 0.05


@pytest.mark.parametrize("seed", range(5))
def test_faults_stay_probabilities(context, monkeypatch, seed):
    monkeypatch.setattr(simulated_context, "FALSE_REGION_SHARE", 1)
    faulty = add_false_regions(context, 2.0, rng(seed))
    assert faulty.min() >= 0
    assert faulty.max() <= 1


def test_faults_leave_the_given_map_as_it_is(context, monkeypatch):
    monkeypatch.setattr(simulated_context, "FALSE_REGION_SHARE", 1)
    before = context.clone()
    add_false_regions(context, 2.0, rng())
    assert torch.equal(context, before)


def test_a_shift_is_counted_in_voxels_of_the_scan():
    fine, coarse = (smooth_shift_voxels((9, 9), (mm, mm, mm), 2.0, rng(), torch.device("cpu")) for mm in (1.0, 2.0))
    torch.testing.assert_close(fine, 2 * coarse)
