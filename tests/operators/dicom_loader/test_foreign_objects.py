"""What is bright and no enhanced blood does not refuse a plain scan; late blood in heart and aorta does."""

import numpy as np
import pytest

from operators.dicom_loader.body import CoarseBody, coarse_body
from operators.dicom_loader.enhancement import blood_in_vessels, enhanced_blood_ml
from operators.dicom_loader.load import load_ncct_series
from operators.dicom_loader.settings import LoaderSettings
from tests.coarse_trunk import ABDOMEN, AFFINE_LPS, NECK, Trunk, coarse_trunk
from tests.foreign_objects import THINGS, grid_of, with_object

OF_THE_NECK = ["headrest", "table", "arm supports", "ECG cables", "thyroid", "swallowed contrast"]
OF_THE_CHEST = ["headrest", "table", "arm supports", "ECG cables", "pacemaker", "calcified aorta"]


def is_contrast(body: CoarseBody) -> bool:
    limit_ml, bright_ml = LoaderSettings().enhanced_volume_ml, enhanced_blood_ml(body)
    blood = blood_in_vessels(body)
    return bright_ml >= limit_ml if blood is None else blood.is_contrast(limit_ml, bright_ml)


@pytest.fixture(scope="module")
def source() -> Trunk:
    return coarse_trunk()


@pytest.fixture(scope="module")
def trunk(source) -> CoarseBody:
    return coarse_body(source.hu, AFFINE_LPS)


@pytest.fixture(scope="module")
def neck(source) -> CoarseBody:
    return coarse_body(source.hu[NECK], AFFINE_LPS)


@pytest.mark.slow
@pytest.mark.parametrize("name", THINGS)
def test_a_plain_trunk_with_a_bright_thing_is_plain(trunk, name):
    assert not is_contrast(with_object(trunk, name))


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_THE_NECK)
def test_a_plain_neck_with_a_bright_thing_is_plain(neck, name):
    assert not is_contrast(with_object(neck, name))


def abdomen_with_liver(source: Trunk, liver_hu: float) -> np.ndarray:
    """(slice, row, column) the abdomen alone with a liver that reaches over the midline, around the aorta."""
    hu, aorta = source.hu[ABDOMEN].copy(), source.all_vessels[ABDOMEN]
    grid = grid_of(coarse_body(hu, AFFINE_LPS))
    liver = grid.ball((0.5, 0.32, -0.3), (40, 50, 85)) & ~aorta
    hu[liver] += liver_hu - 50
    return hu


@pytest.mark.slow
@pytest.mark.parametrize("liver_hu", [85, 100, 120, 140])
def test_a_plain_abdomen_with_a_dense_liver_is_plain(source, liver_hu):
    assert not is_contrast(coarse_body(abdomen_with_liver(source, liver_hu), AFFINE_LPS))


def test_a_liver_that_is_bright_with_spleen_and_aorta_is_contrast(source):
    hu = abdomen_with_liver(source, 105)
    spleen = grid_of(coarse_body(hu, AFFINE_LPS)).ball((0.5, 0.65, 0.6), (35, 25, 30))
    hu[spleen] += 55
    hu[source.all_vessels[ABDOMEN]] += 70
    assert is_contrast(coarse_body(hu, AFFINE_LPS))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["headrest", "table", "arm supports"])
def test_what_lies_outside_is_no_body(trunk, name):
    outside = THINGS[name][1](grid_of(trunk)) & ~trunk.mask
    assert not (with_object(trunk, name).mask & outside).any()


@pytest.mark.slow
@pytest.mark.parametrize("blood_hu", [100, 120, 180, 350])
def test_enhanced_blood_is_contrast_at_every_phase(source, blood_hu):
    enhanced = np.where(source.all_vessels, source.hu + blood_hu - 40, source.hu)
    assert is_contrast(coarse_body(enhanced, AFFINE_LPS))


@pytest.mark.slow
@pytest.mark.parametrize("blood_hu", [30, 40, 55, 70])
def test_blood_without_contrast_is_plain_from_anaemia_to_thick_blood(source, blood_hu):
    plain = np.where(source.all_vessels, source.hu + blood_hu - 40, source.hu)
    assert not is_contrast(coarse_body(plain, AFFINE_LPS))


@pytest.mark.slow
@pytest.mark.parametrize(
    "folder",
    ["dicom_ncct_abdomen_ACRIN-FLT-Breast_001_t0", "dicom_ncct_chest_ACRIN-FLT-Breast_013"],
)
def test_any_60_mm_of_a_real_plain_scan_are_plain(shared_data, folder):
    series = load_ncct_series(shared_data / folder)
    body = coarse_body(series.hu, series.affine_lps)
    step = round(60 / body.spacing_mm[0])
    parts = [CoarseBody(body.hu[start : start + step], body.spacing_mm) for start in range(0, len(body.hu), step)]
    assert [number for number, part in enumerate(parts) if is_contrast(part)] == []


@pytest.mark.slow
def test_a_real_plain_scan_stays_plain_with_any_bright_thing(shared_data):
    series = load_ncct_series(shared_data / "dicom_ncct_chest_LIDC-IDRI-0314")
    body = coarse_body(series.hu, series.affine_lps)
    assert [name for name in OF_THE_CHEST if is_contrast(with_object(body, name))] == []
