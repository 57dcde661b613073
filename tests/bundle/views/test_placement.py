import pytest
import torch

from scripts.views.placement import RandomDeformation, sample, view_positions_mm

STRAIGHT = RandomDeformation(rotation_rad=(0, 0, 0), scale=0, stretch=0, elastic_mm=0)
SPACING_MM = (5.0, 2.0, 3.0)


def positions_mm(deformation: RandomDeformation, seed: int = 0) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    return view_positions_mm((4, 6, 8), SPACING_MM, deformation, rng, torch.device("cpu"))


def test_a_view_that_may_not_deviate_is_the_grid_about_its_centre():
    straight = positions_mm(STRAIGHT)
    assert straight[0, 0, 0].tolist() == [-7.5, -5.0, -10.5]
    torch.testing.assert_close(straight.diff(dim=1)[..., 1], torch.full((4, 5, 8), 2.0))


def test_turning_keeps_distances():
    turned = positions_mm(RandomDeformation(rotation_rad=(0.5, 0.5, 0.5), scale=0, stretch=0, elastic_mm=0))
    assert (turned - positions_mm(STRAIGHT)).abs().max() > 1
    torch.testing.assert_close(turned.norm(dim=-1), positions_mm(STRAIGHT).norm(dim=-1))


@pytest.mark.parametrize("seed", range(5))
def test_size_changes_by_no_more_than_its_limit(seed):
    scaled = positions_mm(RandomDeformation(rotation_rad=(0, 0, 0), scale=0.1, stretch=0.05, elastic_mm=0), seed)
    change = torch.log(scaled / positions_mm(STRAIGHT))
    assert change.abs().max() <= 0.15 + 1e-5


def test_elastic_bending_is_smooth():
    bent = positions_mm(RandomDeformation(rotation_rad=(0, 0, 0), scale=0, stretch=0, elastic_mm=2)) - positions_mm(
        STRAIGHT
    )
    assert bent.std() > 0.05
    assert bent.diff(dim=2).abs().max() < 0.5 * (bent.max() - bent.min())


@pytest.mark.parametrize("seed", range(5))
def test_a_few_thin_slices_stay_in_order_when_bent(seed):
    rng = torch.Generator().manual_seed(seed)
    spacing_mm = (1.25, 0.67, 0.67)
    deformation = RandomDeformation(rotation_rad=(0, 0, 0), scale=0, stretch=0, elastic_mm=4)
    bent = view_positions_mm((7, 208, 304), spacing_mm, deformation, rng, torch.device("cpu"))
    assert 0.7 < bent.diff(dim=0)[..., 0].min() < bent.diff(dim=0)[..., 0].max() < 1.8


def test_the_same_seed_gives_the_same_view():
    assert torch.equal(positions_mm(RandomDeformation(), 3), positions_mm(RandomDeformation(), 3))
    assert not torch.equal(positions_mm(RandomDeformation(), 3), positions_mm(RandomDeformation(), 4))


def test_a_voxel_is_read_at_its_index():
    volume = torch.rand(1, 3, 4, 5)
    read = sample(volume, torch.tensor([[[[2.0, 1.0, 4.0]]]]))
    assert read.item() == pytest.approx(volume[0, 2, 1, 4].item(), abs=1e-5)


def test_outside_the_volume_its_edge_goes_on():
    volume = torch.rand(1, 3, 4, 5)
    read = sample(volume, torch.tensor([[[[-7.0, 1.0, 4.0]]]]))
    assert read.item() == pytest.approx(volume[0, 0, 1, 4].item(), abs=1e-5)


def test_bit_masks_are_not_mixed():
    masks = torch.tensor([1.0, 512.0]).view(1, 1, 1, 2)
    read = sample(masks, torch.tensor([[[[0.0, 0.0, 0.4], [0.0, 0.0, 0.6]]]]), "nearest")
    assert read.flatten().tolist() == [1.0, 512.0]
