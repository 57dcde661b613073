import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Compose, Orientationd, ScaleIntensityRanged

from scripts.transforms import AxialSlabs, KeepSourced, ResampleToSpacingd, ToSourceGridd

SPACING_MM = (0.67, 0.67, 1.25)


@pytest.mark.parametrize("spacing_mm", [0.5, 1.25, 5.0])
@pytest.mark.parametrize("length", [1, 7, 48])
def test_every_source_slice_is_given_once(spacing_mm, length):
    slabs = AxialSlabs(1.25, length, context_slices=1)(101, spacing_mm)
    assert [i for slab in slabs for i in slab.wanted] == list(range(101))


def test_a_short_volume_is_one_slab():
    (slab,) = AxialSlabs(1.25, 48)(40, 1.0)
    assert (slab.source, slab.working) == (range(40), range(32))


def test_slabs_hold_little_more_than_their_length():
    slabs = AxialSlabs(1.25, 48, context_slices=1)(1500, 1.0)
    assert max(len(slab.working) for slab in slabs) <= 48 + 2 + 2 + 1


def test_a_slab_has_the_neighbours_that_the_network_sees():
    without, with_context = (AxialSlabs(1.25, 10, context_slices=n)(100, 1.25)[3] for n in (0, 2))
    assert with_context.working == range(without.working.start - 2, without.working.stop + 2)


@pytest.mark.parametrize("slice_mm", [0.8, 3.0])
def test_slabs_give_what_the_whole_volume_gives(slice_mm):
    torch.manual_seed(0)
    volume = MetaTensor(1000 * torch.rand(1, 12, 10, 30), affine=torch.diag(torch.tensor([-0.8, -0.8, slice_mm, 1])))
    preprocessing = Compose(
        [
            KeepSourced("image"),
            Orientationd("image", axcodes="PLS", labels=None),
            ResampleToSpacingd("image", SPACING_MM),
            ScaleIntensityRanged("image", -2000, 2095, -1, 1, clip=True),
        ]
    )
    to_source = ToSourceGridd("pred", preprocessing, (-2000, 2095))

    def enhanced(data, synthesised):
        pred = data["image"].clone()
        pred[..., synthesised.start : synthesised.stop] += data["image"][..., synthesised.start : synthesised.stop] ** 2
        return to_source({**data, "pred": pred})["pred"]

    whole = preprocessing({"image": volume})
    expected = enhanced(whole, range(whole["image"].shape[-1]))
    for slab in AxialSlabs(SPACING_MM[2], 6, context_slices=2)(30, slice_mm):
        piece = MetaTensor(volume[..., slab.source.start : slab.source.stop].as_tensor(), affine=volume.affine.clone())
        result = enhanced(preprocessing({"image": piece, "slab": slab}), slab.synthesised)
        wanted = slice(slab.wanted.start, slab.wanted.stop)
        assert torch.equal(result.as_tensor(), expected[..., wanted].as_tensor())


def test_the_affine_of_a_slab_says_where_it_lies():
    volume = MetaTensor(torch.zeros(1, 8, 8, 40), affine=torch.diag(torch.tensor([1.0, 1.0, 2.0, 1.0])))
    slab = AxialSlabs(1.25, 16)(40, 2.0)[2]
    piece = MetaTensor(volume[..., slab.source.start : slab.source.stop].as_tensor(), affine=volume.affine.clone())
    piece.affine[2, 3] += 2.0 * slab.source.start
    transform = ResampleToSpacingd("image", (1.0, 1.0, 1.25))
    whole = transform({"image": volume})["image"]
    resampled = transform({"image": piece, "slab": slab})["image"]
    first = torch.tensor([0.0, 0.0, slab.working.start, 1.0], dtype=whole.affine.dtype)
    np.testing.assert_allclose(resampled.affine[:3, 3], (whole.affine @ first)[:3])
    restored = transform.inverse({"image": resampled})["image"]
    np.testing.assert_allclose(restored.affine[2, 3], 2.0 * slab.wanted.start)
    assert restored.shape[-1] == len(slab.wanted)
