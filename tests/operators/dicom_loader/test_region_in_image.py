"""Which part of the body the image shows, where the header forgets to say so: limbs and heads are not converted."""

import numpy as np
import pytest

from operators.dicom_loader.anatomy import limb_share, skull_share
from operators.dicom_loader.body import CoarseBody
from operators.dicom_loader.files import files_under
from operators.dicom_loader.load import load_ncct_series
from operators.dicom_loader.scan import scan_files
from operators.errors import Reason, Refusal
from tests.coarse_trunk import ABDOMEN, CHEST, NECK, STEP_MM, coarse_trunk, ellipse

SPACING_MM = (STEP_MM, STEP_MM, STEP_MM)
AIRWAY = ellipse((110, 180), (9, 9))


def body_of(plane_hu: np.ndarray) -> CoarseBody:
    return CoarseBody(np.repeat(plane_hu[None], 20, axis=0).astype(np.float32), SPACING_MM)


def limb_hu(*sections: tuple[float, float]) -> np.ndarray:
    """(row, column) HU of limbs with a bone in each: column of the middle and radius in mm."""
    plane_hu = np.full(AIRWAY.shape, -1000.0)
    for middle_mm, radius_mm in sections:
        plane_hu[ellipse((135, middle_mm), (radius_mm, radius_mm))] = 50
        plane_hu[ellipse((135, middle_mm), (14, 14))] = 900
    return plane_hu


def head_hu() -> np.ndarray:
    """(row, column) HU of a brain in its skull, without air inside."""
    plane_hu = np.full(AIRWAY.shape, -1000.0)
    for radius_mm, hu in ((85, 40), (80, 900), (72, 35)):
        plane_hu[ellipse((135, 180), (radius_mm, radius_mm * 0.85))] = hu
    return plane_hu


@pytest.mark.parametrize(
    "plane_hu",
    [
        pytest.param(limb_hu((95, 75), (265, 75)), id="thighs"),
        pytest.param(limb_hu((130, 45), (230, 45)), id="calves"),
        pytest.param(limb_hu((180, 60)), id="one knee"),
        pytest.param(limb_hu((180, 42)), id="an arm"),
    ],
)
def test_limbs_are_seen(plane_hu):
    assert limb_share(body_of(plane_hu)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("part", [ABDOMEN, CHEST, NECK], ids=["abdomen", "chest", "neck"])
def test_trunk_and_neck_are_no_limbs(part):
    hu = coarse_trunk().hu[part].copy()
    hu[:, AIRWAY] = -1000  # airway or gas in the bowel
    assert limb_share(CoarseBody(hu.astype(np.float32), SPACING_MM)) == 0


def test_a_trunk_with_arms_beside_it_is_no_limb():
    plane_hu = limb_hu((20, 18), (340, 18))
    plane_hu[ellipse((135, 180), (100, 125))] = 50
    plane_hu[AIRWAY] = -1000
    assert limb_share(body_of(plane_hu)) == 0


def test_a_head_is_seen_by_its_skull():
    assert skull_share(np.repeat(head_hu()[None], 20, axis=0), SPACING_MM) == 1


@pytest.mark.slow
def test_the_head_of_a_real_scan_alone_is_refused_whatever_its_header_says(shared_data):
    folder = shared_data / "dicom_ncct_head_neck_chest_ACRIN-FLT-Breast_001_t1"
    (slices,) = scan_files(files_under(folder)).series.values()
    by_height = sorted(slices, key=lambda source: float(source.header.ImagePositionPatient[2]))
    with pytest.raises(Refusal) as refusal:
        load_ncct_series([source.path for source in by_height[-28:]])
    assert refusal.value.reason is Reason.ANATOMY
