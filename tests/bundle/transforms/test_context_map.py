"""From the map of a whole scan to the context of slices."""

import pytest
import torch

from scripts.transforms import AddContextMapd, AxialSlabs, ContextOfSlicesd


@pytest.fixture
def context_map() -> torch.Tensor:
    return torch.randint(0, 256, (6, 5, 4, 9), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def context_of(context_map: torch.Tensor, slices: int, **more) -> torch.Tensor:
    data = {"image": torch.zeros(1, 20, 16, slices), "context_map": context_map, **more}
    return ContextOfSlicesd("image")(data)["context"]


def test_the_map_is_interpolated_between_its_slices(context_map):
    steps = torch.tensor([0, 100, 200], dtype=torch.uint8).expand(1, 2, 2, 3)
    shares = context_of(steps, 6)[0, 0, 0].float() * 255
    torch.testing.assert_close(shares, torch.tensor([0.0, 25, 75, 125, 175, 200]), atol=0.1, rtol=0)


def test_a_slab_has_the_context_that_the_whole_scan_has_there(context_map):
    slabs = AxialSlabs(spacing_mm=1.25, length=6, context_slices=1)(18, 1.25)
    whole = context_of(context_map, 18)
    assert len(slabs) == 3
    for slab in slabs:
        part = context_of(context_map, len(slab.working), slab=slab)
        assert torch.equal(part, whole[..., slab.working.start : slab.working.stop])


def test_in_the_plane_the_map_stays_coarse(context_map):
    assert context_of(context_map, 18).shape == (6, 5, 4, 18)


def test_the_map_of_the_scan_is_handed_on_no_further(context_map):
    assert "context_map" not in ContextOfSlicesd("image")(
        {"image": torch.zeros(1, 2, 2, 2), "context_map": context_map}
    )


def test_without_a_map_there_is_no_context():
    assert list(ContextOfSlicesd("image")({"image": torch.zeros(1, 2, 2, 2)})) == ["image"]


def test_a_map_that_is_there_already_is_taken(context_map):
    data = {"image": torch.zeros(1, 2, 2, 2), "context_map": context_map}
    assert AddContextMapd("image", lambda volume: pytest.fail("asked again"))(data)["context_map"] is context_map


def test_the_map_is_made_of_the_scan():
    data = {"image": torch.ones(1, 2, 2, 2)}
    assert AddContextMapd("image", lambda volume: volume + 1)(data)["context_map"].unique() == 2


def test_a_generator_that_sees_slices_alone_gets_no_map():
    assert list(AddContextMapd("image", None)({"image": torch.ones(1, 2, 2, 2)})) == ["image"]


def test_a_slab_without_the_map_of_its_scan_is_refused():
    (slab, *_) = AxialSlabs(spacing_mm=1.25, length=6)(18, 1.25)
    with pytest.raises(ValueError, match="whole scan"):
        AddContextMapd("image", lambda volume: volume)({"image": torch.ones(1, 2, 2, 2), "slab": slab})
