import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Compose, Orientationd, ScaleIntensityRanged

from scripts.transforms import KeepSourced, ResampleToSpacingd, ToSourceGridd

HU_RANGE = (-2000, 2095)


@pytest.fixture
def preprocessing() -> Compose:
    return Compose(
        [
            KeepSourced("image"),
            Orientationd("image", axcodes="PLS", labels=None),
            ResampleToSpacingd("image", (0.67, 0.67, 1.25)),
            ScaleIntensityRanged("image", *HU_RANGE, -1, 1, clip=True),
        ]
    )


@pytest.fixture
def source_hu() -> MetaTensor:
    torch.manual_seed(0)
    return MetaTensor(1000 * torch.rand(1, 24, 20, 6) - 500, affine=torch.diag(torch.tensor([-0.8, -0.8, 2.0, 1])))


def enhanced(preprocessing: Compose, source_hu: MetaTensor, mode: str, enhancement_hu: float) -> torch.Tensor:
    data = preprocessing({"image": source_hu})
    data["pred"] = data["image"] + 2 * enhancement_hu / (HU_RANGE[1] - HU_RANGE[0])
    return ToSourceGridd("pred", preprocessing, HU_RANGE, mode)(data)["pred"]


def test_without_enhancement_the_source_survives_to_the_last_bit(preprocessing, source_hu):
    assert torch.equal(enhanced(preprocessing, source_hu, "enhancement", 0).as_tensor(), source_hu.as_tensor())


def test_the_enhancement_is_added_in_hu(preprocessing, source_hu):
    result = enhanced(preprocessing, source_hu, "enhancement", 300)
    torch.testing.assert_close((result - source_hu).as_tensor(), torch.full(source_hu.shape, 300.0), atol=1e-2, rtol=0)


def test_values_above_the_window_survive(preprocessing, source_hu):
    source_hu[0, 3, 3, 3] = 9000
    assert enhanced(preprocessing, source_hu, "enhancement", 0)[0, 3, 3, 3] == 9000


def test_a_network_whose_output_ends_at_the_window_does_not_lower_metal(preprocessing, source_hu):
    source_hu[0, 5:15, 5:15] = 5000
    data = preprocessing({"image": source_hu})
    data["pred"] = data["image"].clamp(max=1)
    result = ToSourceGridd("pred", preprocessing, HU_RANGE)(data)["pred"]
    assert result[0, 10, 10, 3] == 5000


def test_plain_mode_resamples_the_volume_itself(preprocessing, source_hu):
    result = enhanced(preprocessing, source_hu, "plain", 300)
    assert result.shape == source_hu.shape
    assert result.std() < source_hu.std(), "interpolation twice smooths noise"


def test_an_unknown_mode_is_refused(preprocessing):
    with pytest.raises(ValueError, match="'nearest'"):
        ToSourceGridd("pred", preprocessing, HU_RANGE, "nearest")
