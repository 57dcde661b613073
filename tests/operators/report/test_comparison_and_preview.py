"""HU statistics, the choice of the cuts, and the preview."""

import numpy as np
import pytest
from PIL import Image

from operators.report.comparison import compare
from operators.report.preview import write_preview


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
def test_the_preview_shows_the_vessel_on_the_same_side_of_the_patient(tmp_path, pair, prone):
    affine_lps = np.diag([0.8, 0.8, 2.0, 1.0])
    if prone:  # columns to the patient's right, rows to anterior: the same patient, stored turned
        affine_lps[0, 0] = affine_lps[1, 1] = -0.8
        pair = tuple(np.ascontiguousarray(volume[:, ::-1, ::-1]) for volume in pair)
    write_preview(tmp_path / "p.png", *pair, affine_lps=affine_lps, comparison=compare(*pair))
    picture = np.asarray(Image.open(tmp_path / "p.png")).astype(int)
    orange = (picture[..., 0] > 200) & (picture[..., 2] < 80) & (np.abs(picture[..., 1] - 150) < 30)
    third = picture.shape[1] * 2 // 3
    axial = orange[56 : 56 + 304, third:]
    y, x = np.nonzero(axial)
    assert np.median(x) / 380 == pytest.approx(32 / 50, abs=0.05)
    assert np.median(y) / 304 == pytest.approx(22.5 / 40, abs=0.05)
