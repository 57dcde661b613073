"""HU statistics, the choice of the cuts, and the preview."""

import numpy as np
import pytest

from operators.report.comparison import compare
from operators.report.preview import draw_preview


@pytest.fixture
def pair():
    """NCCT of noise, and the same with a bright vessel in slice 12, rows 20-24, columns 30-33."""
    ncct_hu = np.random.default_rng(0).integers(-20, 100, (16, 40, 50)).astype(np.float32)
    syn_cta_hu = ncct_hu.copy()
    syn_cta_hu[12, 20:25, 30:34] += 300
    return ncct_hu, syn_cta_hu


def test_the_summary_equals_numpy(pair):
    summary = compare(*pair).ncct.summary()
    hu = pair[0]
    assert summary["mean"] == pytest.approx(hu.mean(), abs=0.1)
    assert summary["std"] == pytest.approx(hu.std(), abs=0.1)
    assert (summary["min"], summary["max"]) == (hu.min(), hu.max())
    assert summary["median"] == pytest.approx(np.median(hu), abs=1)


def test_cuts_go_through_the_enhancement(pair):
    slice_index, row, column = compare(*pair).richest_planes
    assert slice_index == 12
    assert 20 <= row < 25
    assert 30 <= column < 34


def test_without_enhancement_the_cuts_go_through_the_middle(pair):
    assert compare(pair[0], pair[0]).richest_planes == (8, 20, 25)


def test_raised_voxels_are_counted(pair):
    assert compare(*pair).enhanced_voxels == 20


@pytest.mark.parametrize("prone", [False, True])
def test_the_preview_shows_the_vessel_on_the_same_side_of_the_patient(pair, prone):
    affine_lps = np.diag([0.8, 0.8, 2.0, 1.0])
    if prone:  # columns to the patient's right, rows to anterior: the same patient, stored turned
        affine_lps[0, 0] = affine_lps[1, 1] = -0.8
        pair = tuple(np.ascontiguousarray(volume[:, ::-1, ::-1]) for volume in pair)
    picture = np.asarray(draw_preview(*pair, affine_lps=affine_lps, comparison=compare(*pair))).astype(int)
    orange = (picture[..., 0] > 200) & (picture[..., 2] < 80) & (np.abs(picture[..., 1] - 150) < 30)
    third = picture.shape[1] * 2 // 3
    axial = orange[56 : 56 + 304, third:]
    y, x = np.nonzero(axial)
    assert np.median(x) / 380 == pytest.approx(32 / 50, abs=0.05)
    assert np.median(y) / 304 == pytest.approx(22.5 / 40, abs=0.05)


def test_a_long_and_narrow_scan_gives_a_picture_of_bounded_height():
    hu = np.zeros((500, 8, 8), dtype=np.float32)
    picture = draw_preview(hu, hu, affine_lps=np.diag([0.5, 0.5, 5.0, 1.0]), comparison=compare(hu, hu))
    assert picture.height < 4000


def test_the_uncertainty_is_a_fourth_column(pair):
    uncertainty_hu = np.zeros_like(pair[0])
    uncertainty_hu[12] = 100
    affine_lps = np.diag([0.8, 0.8, 2.0, 1.0])
    plain = draw_preview(*pair, affine_lps=affine_lps, comparison=compare(*pair))
    comparison = compare(*pair, uncertainty_hu)
    picture = draw_preview(*pair, uncertainty_hu, affine_lps=affine_lps, comparison=comparison)
    assert picture.width > 1.3 * plain.width
    axial = np.asarray(picture)[100:300, -300:-100]
    assert (axial == 255).all()  # 100 HU are white


def test_the_uncertainty_is_summed_up_over_tissue_and_over_what_was_raised(pair):
    ncct_hu, syn_cta_hu = pair
    uncertainty_hu = np.where(syn_cta_hu - ncct_hu > 100, 40.0, 10.0)
    uncertainty = compare(ncct_hu, syn_cta_hu, uncertainty_hu).uncertainty
    assert uncertainty.enhanced.summary()["mean"] == 40
    assert uncertainty.tissue.voxels_above(30) == 20
    assert uncertainty.tissue.summary()["median"] == 10


def test_air_says_nothing_about_uncertainty(pair):
    air_hu = np.full_like(pair[0], -1000)
    uncertainty = compare(air_hu, air_hu, np.zeros_like(air_hu)).uncertainty
    assert uncertainty.tissue.summary() == {}


def test_key_slices_show_enhancement_one_from_each_section(pair):
    ncct_hu, syn_cta_hu = pair
    syn_cta_hu[2, 20:25, 30:34] += 200
    assert compare(ncct_hu, syn_cta_hu).key_slices(4) == [2, 12]
    assert compare(ncct_hu, ncct_hu).key_slices(4) == [8]
