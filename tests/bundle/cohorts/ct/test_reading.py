"""Reading of foreign scans."""

import numpy as np
import pytest
import SimpleITK as sitk

from cohorts.ct.reading import read_mask, read_volume, working_grid


def image(size=(20, 20, 9), spacing=(1.0, 1.0, 2.0)) -> sitk.Image:
    values = np.random.default_rng(0).integers(-1000, 1000, size[::-1]).astype(np.int16)
    made = sitk.GetImageFromArray(values)
    made.SetSpacing(spacing)
    return made


def test_the_working_grid_covers_the_scan_and_not_more():
    grid = working_grid(image())
    assert grid.GetSpacing() == (0.67, 0.67, 1.25)
    assert grid.GetSize() == (29, 29, 13)  # 19, 19 and 16 mm


def test_padding_becomes_air(tmp_path):
    sitk.WriteImage(image() - 3000, str(tmp_path / "a.nii"))
    assert read_volume(tmp_path / "a.nii").hu.min() == -1024


def test_a_mask_is_brought_onto_the_scan_by_position(tmp_path):
    sitk.WriteImage(image(), str(tmp_path / "a.nii"))
    mask = sitk.Image(10, 10, 9, sitk.sitkUInt8) + 1
    mask.SetSpacing((1.0, 1.0, 2.0))
    mask.SetOrigin((5.0, 5.0, 0.0))
    sitk.WriteImage(mask, str(tmp_path / "m.nii"))
    volume = read_volume(tmp_path / "a.nii")
    columns = np.flatnonzero(read_mask(tmp_path / "m.nii", volume).any((0, 1))) * 0.67
    assert (columns[0], columns[-1]) == pytest.approx((5, 14), abs=0.7)


def test_a_folder_with_no_series_is_refused(tmp_path):
    with pytest.raises(ValueError, match="0 DICOM series"):
        read_volume(tmp_path)
