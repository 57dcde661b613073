"""Pre-alignment: known motions are found, and never made worse."""

import numpy as np
import pytest
import SimpleITK as sitk

from cohorts.prepare.alignment import align
from cohorts.prepare.candidates import Scan
from cohorts.prepare.coarse_pair import compare
from cohorts.prepare.scans import load_scan
from cohorts.prepare.settings import Checks
from prepare.sources import patient, save

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scans")
    checks = Checks(min_slices=8)

    def load(hu: np.ndarray, **place: tuple) -> sitk.Image:
        return load_scan(Scan(save(folder / "a.nii", hu[:, 20:60, 12:68], **place)), checks).image  # 200 x 280 mm

    return load


def test_none_leaves_positions_alone(image):
    transform, notes = align(image(patient().ncct_hu), image(patient().cta_hu), "none")
    assert transform.TransformPoint((1.0, 2.0, 3.0)) == (1.0, 2.0, 3.0)
    assert notes == []


def test_a_shift_is_found(image):
    shifted = image(patient(misalignment_mm=0.0).cta_hu, shift_mm=(-9.0, 6.0, 0.0))  # RAS: 9 mm right, 6 mm to anterior
    transform, _ = align(image(patient(misalignment_mm=0.0).ncct_hu), shifted, "rigid")
    np.testing.assert_allclose(transform.TransformPoint((0.0, 0.0, 0.0)), (9.0, -6.0, 0.0), atol=1.5)


def test_scans_without_a_common_slice_are_brought_together(image):
    far = image(patient(misalignment_mm=0.0).cta_hu, shift_mm=(0.0, 0.0, 500.0))
    transform, _ = align(image(patient(misalignment_mm=0.0).ncct_hu), far, "rigid")
    assert transform.TransformPoint((0.0, 0.0, 0.0))[2] == pytest.approx(500, abs=4)


def test_a_deformation_is_reduced(image):
    ncct, cta, truth = (image(hu) for hu in (patient().ncct_hu, patient().cta_hu, patient().cta_aligned_hu))
    identity = sitk.Transform(3, sitk.sitkIdentity)
    wanted = compare(ncct, truth, identity)
    errors = []
    for transform in (identity, align(ncct, cta, "deformable")[0]):
        got = compare(ncct, cta, transform)
        where = wanted.body & got.covered
        errors.append(np.abs(got.cta_hu - wanted.cta_hu)[where].mean())
    assert errors[1] < 0.75 * errors[0]
