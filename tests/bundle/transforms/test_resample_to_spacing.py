import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.transforms import ResampleToSpacingd


@pytest.fixture
def ramp_mm() -> MetaTensor:
    """A volume whose value is its x position in mm, 2 x 1 x 3 mm."""
    x_mm = 2.0 * torch.arange(20.0)
    return MetaTensor(
        x_mm[None, :, None, None].expand(1, 20, 10, 8).clone(), affine=torch.diag(torch.tensor([2.0, 1, 3, 1]))
    )


def test_the_spacing_is_the_wanted_one(ramp_mm):
    resampled = ResampleToSpacingd("image", (1.0, 0.5, 2.0))({"image": ramp_mm})["image"]
    np.testing.assert_allclose(resampled.pixdim, (1.0, 0.5, 2.0))


def test_values_stay_where_they_are_in_the_patient(ramp_mm):
    resampled = ResampleToSpacingd("image", (1.0, 0.5, 2.0))({"image": ramp_mm})["image"]
    voxel = torch.tensor([11.0, 4.0, 3.0, 1.0], dtype=resampled.affine.dtype)
    assert resampled[0, 11, 4, 3].item() == pytest.approx((resampled.affine @ voxel)[0].item(), abs=1e-4)


def test_the_inverse_restores_the_grid(ramp_mm):
    transform = ResampleToSpacingd("image", (0.7, 0.7, 1.25))
    restored = transform.inverse(transform({"image": ramp_mm}))["image"]
    assert restored.shape == ramp_mm.shape
    torch.testing.assert_close(restored.affine, ramp_mm.affine)


def test_the_inverse_of_a_finer_grid_restores_the_values(ramp_mm):
    transform = ResampleToSpacingd("image", (1.0, 0.5, 1.5))
    restored = transform.inverse(transform({"image": ramp_mm}))["image"]
    torch.testing.assert_close(restored[:, 1:-1].as_tensor(), ramp_mm[:, 1:-1].as_tensor())
