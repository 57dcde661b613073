"""Training volumes as they are written."""

import nibabel
import numpy as np

from cohorts.ct.reading import WORKING_SPACING_MM, Volume
from cohorts.ct.writing import write_volume


def test_a_volume_is_stored_in_lps_order_with_its_place(tmp_path):
    hu = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4) + 0.6
    write_volume(tmp_path / "a.nii", hu, Volume(hu, WORKING_SPACING_MM, (10.0, 20.0, 30.0)))
    image = nibabel.load(tmp_path / "a.nii")
    assert nibabel.aff2axcodes(image.affine) == ("L", "P", "S")
    np.testing.assert_allclose(image.affine[:3, 3], (-10, -20, 30))
    assert np.array_equal(np.asarray(image.dataobj), np.rint(hu).T)
    assert image.get_data_dtype() == np.int16


def test_labels_stay_labels(tmp_path):
    labels = np.array([[[0, 3]]], np.uint8)
    write_volume(tmp_path / "a.nii", labels, Volume(labels, WORKING_SPACING_MM, (0.0, 0.0, 0.0)))
    assert nibabel.load(tmp_path / "a.nii").get_data_dtype() == np.uint8
