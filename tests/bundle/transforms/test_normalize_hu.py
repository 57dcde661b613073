import torch
from monai.data import MetaTensor
from monai.transforms import Compose, ScaleIntensityRanged, ThresholdIntensityd

from scripts.transforms import NormalizeHUd

HU_RANGE, FLOOR = (-2000, 2095), -1024


def test_it_gives_what_two_transforms_of_monai_give():
    volume = MetaTensor(torch.linspace(-4000, 4000, 301).view(1, 7, 43, 1), affine=torch.eye(4) * 2)
    both = Compose(
        [
            ThresholdIntensityd("image", FLOOR, above=True, cval=FLOOR),
            ScaleIntensityRanged("image", *HU_RANGE, -1, 1, clip=True),
        ]
    )
    found, expected = NormalizeHUd("image", HU_RANGE, FLOOR)({"image": volume}), both({"image": volume})
    assert torch.allclose(found["image"], expected["image"], atol=1e-6)


def test_what_is_no_number_becomes_the_floor():
    volume = torch.tensor([float("nan"), FLOOR])
    nan, floor = NormalizeHUd("image", HU_RANGE, FLOOR)({"image": volume})["image"]
    assert nan == floor


def test_the_volume_that_was_given_stays():
    volume = torch.tensor([40.0])
    NormalizeHUd("image", HU_RANGE, FLOOR)({"image": volume})
    assert volume == 40


def test_the_affine_goes_along():
    volume = MetaTensor(torch.zeros(1, 2, 2, 2), affine=torch.diag(torch.tensor([1.0, 2.0, 3.0, 1.0])))
    result = NormalizeHUd("image", HU_RANGE, FLOOR)({"image": volume})["image"]
    assert torch.equal(result.affine, volume.affine)
