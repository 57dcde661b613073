"""What marks tell of a scan: an aorta of 8 mm radius in fat, a vertebra beside it."""

import numpy as np
import pytest

from cohorts.ct.reading import Volume
from cohorts.marks.circles import Circle
from cohorts.painted_pairs.anatomy import UNSURE_MM, MarkedAnatomy, marked_anatomy
from scripts.organs import NO_BRIGHT_BLOOD, Organ, bits

SPACING_MM = (1.25, 0.67, 0.67)
SHAPE = (20, 90, 90)
Z, Y, X = (i * s for i, s in zip(np.indices(SHAPE), SPACING_MM, strict=True))
APART_MM = np.hypot(X - 20, Y - 20)


@pytest.fixture(scope="module")
def volume() -> Volume:
    hu = np.full(SHAPE, -100.0, np.float32)
    hu[Y > 40] = 55
    hu[APART_MM < 8] = 40
    hu[(np.hypot(X - 26, Y - 20) < 1.5) & (APART_MM < 8)] = 600
    return Volume(hu, SPACING_MM, (0.0, 0.0, 0.0))


def aorta(radius_mm: float) -> list[Circle]:
    return [Circle("descending_aorta", 20, 20, z, radius_mm) for z in (0.0, 12.5, 23.75)]


def marked(volume: Volume, *others: Circle, radius_mm: float = 7.5, **settings) -> MarkedAnatomy:
    return marked_anatomy(volume, [*aorta(radius_mm), *others], 0.625, **settings)


@pytest.mark.parametrize("radius_mm", [7.2, 7.6, 8.8])
def test_an_artery_ends_at_its_wall_whether_marked_too_small_or_too_large(volume, radius_mm):
    arteries = marked(volume, radius_mm=radius_mm).arteries
    assert arteries[10].sum() * 0.67**2 == pytest.approx(np.pi * 8**2, rel=0.08)


def test_an_artery_does_not_spread_into_muscle_that_touches_it():
    muscle = Volume(np.full(SHAPE, 50.0, np.float32), SPACING_MM, (0.0, 0.0, 0.0))
    assert not marked(muscle).arteries[APART_MM > 9].any()


def test_an_oesophagus_that_touches_the_aorta_stays_one_up_to_its_mark(volume):
    oesophagus_apart_mm = np.hypot(X - 33, Y - 20)
    hu = np.where(oesophagus_apart_mm < 5, np.float32(40), volume.hu)
    marks = [Circle("not_oesophagus", 33, 20, z, 5) for z in (0.0, 12.5, 23.75)]
    possible = marked(Volume(hu, SPACING_MM, volume.origin_mm), *marks, radius_mm=8).possible
    assert (possible[oesophagus_apart_mm < 4.6] == bits({Organ.OESOPHAGUS})).all()


def test_calcium_in_the_wall_belongs_to_the_artery(volume):
    assert marked(volume).arteries[10][np.hypot(X - 26, Y - 20)[10] < 1].all()


def test_an_artery_is_known_as_one(volume):
    anatomy = marked(volume)
    assert (anatomy.possible[anatomy.arteries] == bits({Organ.ARTERY})).all()


def test_other_soft_tissue_is_no_artery(volume):
    assert (marked(volume).possible[Y > 45] == NO_BRIGHT_BLOOD).all()


def test_fat_is_neither_vessel_nor_organ(volume):
    assert (marked(volume).possible[(Y < 38) & (APART_MM > 12)] == bits({Organ.OTHER})).all()


def test_soft_tissue_around_an_artery_may_belong_to_it():
    muscle = Volume(np.full(SHAPE, 50.0, np.float32), SPACING_MM, (0.0, 0.0, 0.0))
    anatomy = marked(muscle)
    rim = ~anatomy.arteries & (APART_MM < 7.5 + UNSURE_MM)
    assert (anatomy.possible[rim] == NO_BRIGHT_BLOOD | bits({Organ.ARTERY})).all()


def test_a_negative_is_known_by_its_class(volume):
    possible = marked(volume, Circle("not_vertebra", 20, 50, 12.5, 4)).possible
    assert possible[10, 75, 30] == bits({Organ.BONE})


def test_an_oesophagus_is_known_between_its_levels_too(volume):
    possible = marked(volume, *(Circle("not_oesophagus", 40, 50, z, 4) for z in (2.5, 17.5))).possible
    assert possible[8, 75, 60] == bits({Organ.OESOPHAGUS})


def test_a_marked_left_atrium_is_left_heart(volume):
    possible = marked(volume, Circle("heart", 40, 50, 12.5, 12), Circle("left_atrium", 40, 50, 12.5, 4)).possible
    assert possible[10, 75, 60] == bits({Organ.LEFT_HEART})


def test_a_marked_ventricle_may_be_blood_or_wall(volume):
    possible = marked(volume, Circle("left_ventricle", 40, 50, 12.5, 4)).possible
    assert possible[10, 75, 60] == bits({Organ.LEFT_HEART, Organ.MYOCARDIUM})


def test_in_the_heart_the_enhancement_is_not_known(volume):
    anatomy = marked(volume, Circle("heart", 40, 50, 12.5, 8))
    assert not anatomy.known[10, 75, 60]
    assert anatomy.known[10, 75, 10]


def test_an_unmarked_range_teaches_nothing_of_what_is_no_artery(volume):
    anatomy = marked(volume, unmarked_mm=[(10.0, 30.0)])
    above = Z > 11
    assert not anatomy.known[above & (Y > 45)].any()
    assert (anatomy.possible[above & (Y > 45)] & bits({Organ.ARTERY})).all()


def test_an_artery_that_is_marked_in_an_unmarked_range_is_known(volume):
    anatomy = marked(volume, unmarked_mm=[(10.0, 30.0)])
    assert anatomy.known[anatomy.arteries].all()


def test_below_an_unmarked_range_all_is_known(volume):
    assert marked(volume, unmarked_mm=[(10.0, 30.0)]).known[Z < 9].all()
