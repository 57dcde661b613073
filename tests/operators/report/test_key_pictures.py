"""Pictures of the report: how many, of which slices, which side is which."""

import numpy as np
import pytest

from operators.report.comparison import compare
from operators.report.key_pictures import key_pictures

SHAPE = (30, 20, 24)


def volumes():
    """NCCT, and the same with a bright place: high up, at the front, on the patient's left."""
    ncct_hu = np.full(SHAPE, 40, dtype=np.int16)
    syn_cta_hu = ncct_hu.copy()
    syn_cta_hu[24:28, 2:6, 16:22] = 400
    return ncct_hu, syn_cta_hu


def pictures(*flipped: int, slices: int = SHAPE[0]):
    """Of a volume stored the other way along some axes of (slice, row, column)."""
    ncct_hu, syn_cta_hu = (np.flip(volume, flipped)[:slices] for volume in volumes())
    affine_lps = np.diag([1.0, 1.0, 2.0, 1.0])
    for axis in flipped:
        affine_lps[2 - axis, 2 - axis] *= -1
    return key_pictures(ncct_hu, syn_cta_hu, affine_lps=affine_lps, comparison=compare(ncct_hu, syn_cta_hu))


def brightest(grey: np.ndarray) -> tuple[float, float]:
    """Centre of what is bright, as shares of height and width."""
    rows, columns = np.nonzero(grey == grey.max())
    return rows.mean() / grey.shape[0], columns.mean() / grey.shape[1]


def test_there_are_nine_slices_of_a_long_series():
    assert len(pictures().slices) == 9


def test_a_short_series_shows_all_its_slices():
    assert len(pictures(slices=7).slices) == 7


def test_the_slice_with_most_enhancement_of_its_section_is_shown():
    assert any(picture.grey.max() == 255 * 400 // 600 for picture in pictures().slices)


@pytest.mark.parametrize("flipped", [(), (0,), (1,), (2,), (0, 1, 2)])
def test_left_is_on_the_right_and_front_above_however_it_is_stored(flipped):
    picture = max(pictures(*flipped).slices, key=lambda each: int(each.grey.max()))
    down, across = brightest(picture.grey)
    assert picture.marks == ("R", "L", "A", "P")
    assert (down < 0.5, across > 0.5) == (True, True)


@pytest.mark.parametrize("flipped", [(), (0,), (1,), (2,)])
def test_the_coronal_projection_has_the_head_above_and_left_on_the_right(flipped):
    picture = pictures(*flipped).projections[0]
    down, across = brightest(picture.grey)
    assert picture.marks == ("R", "L", "H", "F")
    assert (down < 0.5, across > 0.5) == (True, True)


@pytest.mark.parametrize("flipped", [(), (0,), (1,), (2,)])
def test_the_sagittal_projection_has_the_front_on_the_left(flipped):
    picture = pictures(*flipped).projections[1]
    assert picture.marks == ("A", "P", "H", "F")
    assert brightest(picture.grey)[1] < 0.5


def test_the_caption_tells_the_height_as_the_slices_do():
    assert pictures().slices[0].caption.startswith("0.0 mm, 1 of 30")
