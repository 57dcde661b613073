"""What both scans show, and the grid of the training volumes."""

import numpy as np
import pytest
import SimpleITK as sitk

from cohorts.prepare.coarse_pair import COARSE_MM, CoarsePair
from cohorts.prepare.overlap import check_overlap, common_box, fine_grid
from cohorts.prepare.reasons import PairRejected, Reason


def coarse(covered=np.s_[:], body=np.s_[:, 20:40, 10:50]) -> CoarsePair:
    shape = (30, 60, 60)
    grid = sitk.Image(shape[::-1], sitk.sitkUInt8)
    grid.SetSpacing([COARSE_MM] * 3)
    masks = []
    for where in (covered, body):
        masks.append(np.zeros(shape, bool))
        masks[-1][where] = True
    return CoarsePair(grid, np.zeros(shape), np.zeros(shape), *masks)


def scan(low_mm: float, high_mm: float) -> sitk.Image:
    image = sitk.Image([4, 4, int(high_mm - low_mm) + 1], sitk.sitkInt16)
    image.SetOrigin([0, 0, low_mm])
    return image


@pytest.mark.parametrize(
    ("cta", "reason"), [((300, 500), Reason.NO_OVERLAP), ((150, 350), Reason.POSITION_DIFFERS), ((50, 90), None)]
)
def test_slices_must_lie_at_the_same_height(cta, reason):
    if reason is None:
        return check_overlap(scan(0, 200), scan(*cta), 0.5)
    with pytest.raises(PairRejected) as rejected:
        check_overlap(scan(0, 200), scan(*cta), 0.5)
    assert rejected.value.reason is reason


def test_slices_that_the_cta_lacks_are_left_out():
    assert common_box(coarse(covered=np.s_[5:22]), 0.5, None)[0] == slice(5, 22)


def test_the_plane_is_cropped_to_the_body_and_its_margin():
    assert common_box(coarse(), 0.5, 6.0)[1:] == (slice(17, 43), slice(7, 53))


def test_without_a_margin_the_whole_field_of_view_stays():
    assert common_box(coarse(), 0.5, None)[1:] == (slice(0, 60), slice(0, 60))


def test_a_smaller_field_of_view_of_the_cta_cuts_the_plane():
    assert common_box(coarse(covered=np.s_[:, 5:45, 15:55]), 0.5, 10.0)[2] == slice(15, 55)


def test_a_cta_that_shows_little_of_the_body_is_refused():
    with pytest.raises(PairRejected) as rejected:
        common_box(coarse(covered=np.s_[:, :, 10:20]), 0.5, 10.0)
    assert rejected.value.reason is Reason.POSITION_DIFFERS


def test_the_grid_starts_at_the_ncct_and_keeps_the_working_spacing():
    ncct = sitk.Image([177, 177, 47], sitk.sitkInt16)  # 118 x 118 x 57.5 mm, as the coarse grid
    ncct.SetSpacing([0.67, 0.67, 1.25])
    grid = fine_grid(ncct, coarse(), (slice(0, 30), slice(0, 60), slice(15, 30)))
    assert grid.GetSpacing() == (0.67, 0.67, 1.25)
    assert grid.GetSize()[1:] == (177, 47)
    assert grid.GetOrigin()[0] == pytest.approx(30, abs=0.67)
    assert grid.GetOrigin()[0] + 0.67 * grid.GetSize()[0] == pytest.approx(58, abs=1.34)
