"""The network that a training left is scored on the file's own grid, whatever order the training has its voxels in."""

from types import SimpleNamespace

import nibabel
import numpy as np
import pytest
import torch
from monai.data import Dataset
from monai.transforms import Compose, LoadImaged, Orientationd, ScaleIntensityRanged
from torch import nn

from studies.comparison.trained_network import TrainedNetwork

HU_RANGE = [-2000, 2095]


@pytest.fixture
def volume_hu():
    return np.random.default_rng(0).integers(-1000, 1000, (6, 5, 4)).astype(np.int16)


@pytest.fixture
def path(tmp_path, volume_hu):
    nibabel.save(nibabel.Nifti1Image(volume_hu, np.diag([1.0, 1.0, 2.0, 1.0])), tmp_path / "ncct.nii")
    return str(tmp_path / "ncct.nii")


def trained(path, network, **further):
    to_network = Compose(
        [
            LoadImaged("image", ensure_channel_first=True),
            Orientationd("image", axcodes="PLS", labels=None),
            ScaleIntensityRanged("image", *HU_RANGE, -1, 1, clip=True),
        ]
    )
    content = {
        "validate#dataset": Dataset([{"image": "another.nii"}, {"image": path, **further}], to_network),
        "validate#inferer": lambda inputs, network, context=0: network(inputs) + context,
        "network": network,
        "hu_range": HU_RANGE,
    }
    return TrainedNetwork(SimpleNamespace(get_parsed_content=content.__getitem__))


def test_a_network_that_changes_nothing_gives_the_file_back(path, volume_hu):
    _, synthetic_hu = trained(path, nn.Identity())(path)
    assert np.allclose(np.asarray(synthetic_hu)[0], volume_hu, atol=0.01)


def test_the_ncct_lies_on_the_same_grid(path, volume_hu):
    ncct_hu, _ = trained(path, nn.Identity())(path)
    assert np.allclose(np.asarray(ncct_hu)[0], volume_hu, atol=0.01)


def test_the_network_gets_the_context_map_of_the_volume(path, volume_hu):
    context = torch.full((1, 1, 1, 1), 0.1)  # the stand-in adds it: a twentieth of the window
    _, synthetic_hu = trained(path, nn.Identity(), context=context)(path)
    assert np.allclose(np.asarray(synthetic_hu)[0], volume_hu + (HU_RANGE[1] - HU_RANGE[0]) / 20, atol=0.01)
