"""Single scans: what is read, and what is wrong with bad ones."""

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from scipy.spatial.transform import Rotation

from cohorts.phantom.output.nifti import lps_affine
from cohorts.prepare.candidates import Scan
from cohorts.prepare.reasons import PairRejected, Reason
from cohorts.prepare.scans import load_scan
from cohorts.prepare.settings import Checks
from prepare.sources import patient, save, save_series

CHECKS = Checks(min_slices=8)


def reason(path, checks: Checks = CHECKS) -> Reason:
    with pytest.raises(PairRejected) as rejected:
        load_scan(Scan(path), checks)
    return rejected.value.reason


@pytest.mark.slow
def test_dicom_and_nifti_of_one_scan_read_the_same(tmp_path):
    hu = patient().ncct_hu
    save_series(tmp_path / "dicom", "ncct")
    from_dicom = load_scan(Scan(tmp_path / "dicom"), CHECKS).image
    from_nifti = load_scan(Scan(save(tmp_path / "a.nii.gz", hu)), CHECKS).image
    assert np.array_equal(sitk.GetArrayFromImage(from_dicom), sitk.GetArrayFromImage(from_nifti))
    np.testing.assert_allclose(from_dicom.GetOrigin(), from_nifti.GetOrigin(), atol=1e-3)


def test_storage_in_another_order_is_read_by_its_direction(tmp_path):
    hu = patient().ncct_hu
    straight = load_scan(Scan(save(tmp_path / "a.nii", hu)), CHECKS).image
    sitk.WriteImage(sitk.Flip(sitk.ReadImage(str(tmp_path / "a.nii")), (True, False, True)), str(tmp_path / "b.mha"))
    turned = load_scan(Scan(tmp_path / "b.mha"), CHECKS).image
    assert np.array_equal(sitk.GetArrayFromImage(straight), sitk.GetArrayFromImage(turned))


def test_padding_below_air_becomes_air(tmp_path):
    hu = patient().ncct_hu.copy()
    hu[:, :2] = -3000
    assert sitk.GetArrayFromImage(load_scan(Scan(save(tmp_path / "a.nii", hu)), CHECKS).image).min() == -1024


def test_fractions_of_a_hu_are_rounded_not_cut(tmp_path):
    hu = patient().ncct_hu.astype(np.float32) + 0.75
    values = sitk.GetArrayFromImage(load_scan(Scan(save(tmp_path / "a.nii", hu)), CHECKS).image)
    assert np.array_equal(values, np.maximum(patient().ncct_hu + 1, -1023))


def test_nan_is_refused(tmp_path):
    hu = patient().ncct_hu.astype(np.float32)
    hu[4, 40, 40] = np.nan
    assert reason(save(tmp_path / "a.nii", hu)) is Reason.NOT_FINITE


def test_a_constant_image_is_refused(tmp_path):
    assert reason(save(tmp_path / "a.nii", np.full((10, 20, 20), -1024, np.int16))) is Reason.CONSTANT


@pytest.mark.parametrize("scale", [lambda hu: (hu + 1024) / 4095, lambda hu: hu + 1024, lambda hu: hu * 0 + (hu > 0)])
def test_values_that_are_not_hu_are_refused(tmp_path, scale):
    assert reason(save(tmp_path / "a.nii", scale(patient().ncct_hu).astype(np.float32))) is Reason.NOT_HU


def test_a_volume_of_3000_slices_is_refused_before_it_is_read(tmp_path):
    image = nibabel.Nifti1Image(np.zeros((2, 2, 3000), np.int16), lps_affine((3000, 2, 2), (1.0, 1.0, 1.0)))
    nibabel.save(image, tmp_path / "a.nii")
    with (tmp_path / "a.nii").open("r+b") as file:
        file.truncate(400)  # reading its pixels would give another reason
    assert reason(tmp_path / "a.nii") is Reason.TOO_MANY_SLICES


def test_too_few_slices_are_refused(tmp_path):
    assert reason(save(tmp_path / "a.nii", patient().ncct_hu[:7])) is Reason.TOO_FEW_SLICES


def test_thick_slices_are_refused(tmp_path):
    assert reason(save(tmp_path / "a.nii", patient().ncct_hu), Checks(min_slices=8, max_slice_mm=3)) is Reason.THICKNESS


def test_the_thickness_of_overlapping_slices_counts(tmp_path):
    save_series(tmp_path, "ncct", SliceThickness="8")
    assert reason(tmp_path) is Reason.THICKNESS


def test_coronal_storage_off_the_axial_plane_is_refused(tmp_path):
    affine = lps_affine((10, 80, 80), (5.0, 5.0, 4.0))
    affine[:3, :3] = Rotation.from_euler("x", 30, degrees=True).as_matrix() @ affine[:3, :3]
    assert reason(save(tmp_path / "a.nii", patient().ncct_hu, affine=affine)) is Reason.ORIENTATION


def test_a_header_without_orientation_is_refused(tmp_path):
    image = nibabel.Nifti1Image(patient().ncct_hu.T, np.diag([5, 5, 4, 1]))
    image.set_qform(None, 0)
    image.set_sform(None, 0)
    nibabel.save(image, tmp_path / "a.nii")
    assert reason(tmp_path / "a.nii") is Reason.ORIENTATION


def test_four_dimensions_are_not_supported(tmp_path):
    hu = np.stack([patient().ncct_hu] * 2)
    assert reason(save(tmp_path / "a.nii", hu, affine=np.diag([-5, -5, 4, 1]))) is Reason.UNSUPPORTED


@pytest.mark.parametrize("cut", [100, 5000])
def test_a_file_that_is_cut_off_is_unreadable(tmp_path, cut):
    path = save(tmp_path / "a.nii.gz", patient().ncct_hu)
    path.write_bytes(path.read_bytes()[:cut])
    assert reason(path) is Reason.UNREADABLE


def test_a_dicom_slice_whose_pixels_are_cut_off_is_unreadable(tmp_path):
    path = save_series(tmp_path, "ncct")[3]
    path.write_bytes(path.read_bytes()[:-4000])
    assert reason(tmp_path) is Reason.UNREADABLE


def test_a_missing_file_is_unreadable(tmp_path):
    assert reason(tmp_path / "absent.nii") is Reason.UNREADABLE
