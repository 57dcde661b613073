"""NIfTI files of a patient."""

import nibabel as nib
import numpy as np
import pytest

from cohorts.phantom.output.nifti import write_nifti
from tests.bundle.cohorts.phantom.small_patients import coarse_patient

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    patient = coarse_patient(3, "chest", "healthy")
    return patient, write_nifti(patient, tmp_path_factory.mktemp("patient"))


def test_values_survive_in_x_y_z_order(written):
    patient, paths = written
    for name, volume in (("ncct", patient.ncct_hu), ("cta", patient.cta_hu), ("cta_aligned", patient.cta_aligned_hu)):
        assert np.array_equal(np.asarray(nib.load(paths[name]).dataobj).T, volume)


def test_types_are_int16_and_uint8(written):
    _, paths = written
    assert nib.load(paths["ncct"]).get_data_dtype() == np.int16
    assert nib.load(paths["structures"]).get_data_dtype() == np.uint8


def test_index_axes_point_left_posterior_superior(written):
    _, paths = written
    assert nib.aff2axcodes(nib.load(paths["ncct"]).affine) == ("L", "P", "S")


def test_spacing_is_that_of_the_patient(written):
    _, paths = written
    assert nib.load(paths["ncct"]).header.get_zooms() == pytest.approx((3.0, 3.0, 5.0))


def test_files_are_uncompressed_for_memory_maps(written):
    _, paths = written
    assert all(path.suffix == ".nii" for path in paths.values())
