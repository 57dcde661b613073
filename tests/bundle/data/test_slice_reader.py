import nibabel
import numpy as np
import pytest
import torch

from scripts.data import LoadSliced


@pytest.fixture
def volume() -> np.ndarray:
    return np.arange(4 * 5 * 6, dtype=np.int16).reshape(4, 5, 6)  # (x, y, z)


def test_a_slice_has_rows_to_posterior_and_columns_to_the_left(tmp_path, volume):
    nibabel.save(nibabel.Nifti1Image(volume, np.diag([-1, -1, 1, 1])), tmp_path / "a.nii")
    record = LoadSliced("ncct")({"ncct": str(tmp_path / "a.nii"), "slice_index": 3})
    assert torch.equal(record["ncct"], torch.from_numpy(volume[:, :, 3].T.astype(np.float32))[None])


def test_the_neighbours_are_channels_from_feet_to_head(tmp_path, volume):
    nibabel.save(nibabel.Nifti1Image(volume, np.diag([-1, -1, 1, 1])), tmp_path / "a.nii")
    record = LoadSliced("ncct", context_slices=1)({"ncct": str(tmp_path / "a.nii"), "slice_index": 3})
    assert torch.equal(record["ncct"], torch.from_numpy(volume.T[2:5].astype(np.float32)))


def test_where_the_volume_ends_its_last_slice_is_repeated(tmp_path, volume):
    nibabel.save(nibabel.Nifti1Image(volume, np.diag([-1, -1, 1, 1])), tmp_path / "a.nii")
    record = LoadSliced("ncct", context_slices=2)({"ncct": str(tmp_path / "a.nii"), "slice_index": 5})
    assert torch.equal(record["ncct"], torch.from_numpy(volume.T[[3, 4, 5, 5, 5]].astype(np.float32)))


def test_a_volume_that_was_written_again_is_read_again(tmp_path, volume):
    record = {"ncct": str(tmp_path / "a.nii"), "slice_index": 3}
    for values in (volume, volume + 7):
        nibabel.save(nibabel.Nifti1Image(values, np.diag([-1, -1, 1, 1])), tmp_path / "new.nii")
        (tmp_path / "new.nii").replace(tmp_path / "a.nii")
        assert LoadSliced("ncct")(record)["ncct"][0, 0, 0] == values[0, 0, 3]


@pytest.mark.parametrize("name", ["a.nii.gz", "a.nii"])
def test_scaled_and_compressed_volumes_are_read_as_hu(tmp_path, volume, name):
    image = nibabel.Nifti1Image(volume, np.diag([-1, -1, 1, 1]))
    image.header.set_slope_inter(2, -1024)
    nibabel.save(image, tmp_path / name)
    read = LoadSliced("ncct")({"ncct": str(tmp_path / name), "slice_index": 3})["ncct"]
    expected = nibabel.load(tmp_path / name).get_fdata()[:, :, 3].T
    np.testing.assert_allclose(read[0], expected)
