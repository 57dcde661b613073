"""Marks of other structures name their classes in a map of possible ones."""

import numpy as np
import pytest

from cohorts.ct.reading import Volume
from cohorts.marks.circles import Circle
from cohorts.marks.negatives import name_negatives
from scripts.organs import NO_BRIGHT_BLOOD, Organ, bits

SPACING_MM = (2.5, 1.0, 1.0)
OESOPHAGUS = [Circle("not_oesophagus", 20, 20, z, 5) for z in (5, 20)]


@pytest.fixture
def volume() -> Volume:
    return Volume(np.full((12, 40, 40), 40.0, np.float32), SPACING_MM, (0.0, 0.0, 0.0))


@pytest.fixture
def possible() -> np.ndarray:
    return np.full((12, 40, 40), NO_BRIGHT_BLOOD, np.uint16)


def test_a_marked_oesophagus_is_named_between_its_levels(volume, possible):
    name_negatives(possible, volume, OESOPHAGUS, 1.25)
    assert (possible[2:9, 20, 20] == bits({Organ.OESOPHAGUS})).all()


def test_what_lies_outside_the_circles_stays(volume, possible):
    name_negatives(possible, volume, OESOPHAGUS, 1.25)
    assert (possible[:, 20, 27] == NO_BRIGHT_BLOOD).all()


def test_what_is_known_already_stays_where_asked_to(volume, possible):
    possible[:, :, 20:] = bits({Organ.ARTERY})
    name_negatives(possible, volume, OESOPHAGUS, 1.25, only=NO_BRIGHT_BLOOD)
    assert (possible[:, :, 20:] == bits({Organ.ARTERY})).all()


def test_two_veins_of_one_name_are_not_joined_across_the_body(possible):
    wide = Volume(np.zeros((12, 40, 120), np.float32), SPACING_MM, (0.0, 0.0, 0.0))
    across = np.full((12, 40, 120), NO_BRIGHT_BLOOD, np.uint16)
    jugulars = [Circle("not_jugular", x, 20, z, 4) for z in (5, 20) for x in (20, 100)]
    name_negatives(across, wide, jugulars, 1.25)
    assert (across[:, :, 60] == NO_BRIGHT_BLOOD).all()
