"""Anatomy of every voxel of a scan from its marks: arteries, grown to the wall in the image, and the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from cohorts.ct.reading import Volume, crop
from cohorts.marks.circles import ARTERIES, Circle
from cohorts.marks.negatives import box_around, name_negatives
from cohorts.marks.tubes import draw_tube
from cohorts.pseudo_pairs.morphology import dilate
from scripts.organs import NO_BRIGHT_BLOOD, Organ, bits

SOFT_HU = (-25.0, 115.0)
"""Blood and wall on the smoothed scan; below is fat or lung mixed in, above is calcium or bone."""

WALL_MM = 1.2
"""How far an artery may reach beyond its marked circles, unless the image shows a border before that."""

CORE = 0.75
"""Share of the radius inside which an artery is taken as marked."""

SMOOTHING_MM = 0.8

UNSURE_MM = 2.0
"""A voxel this close to an artery may still belong to it."""

_HEART = bits(set(Organ) - {Organ.OESOPHAGUS, Organ.BONE})

_CHAMBERS = {
    "pulmonary_artery": bits({Organ.RIGHT_HEART}),
    "left_atrium": bits({Organ.LEFT_HEART}),
    "left_ventricle": bits({Organ.LEFT_HEART, Organ.MYOCARDIUM}),
    "right_heart": bits({Organ.RIGHT_HEART, Organ.MYOCARDIUM}),
}
"""Marks inside the heart; without contrast the wall of a ventricle cannot be distinguished from its blood."""


@dataclass(frozen=True)
class MarkedAnatomy:
    """Anatomy of a scan as far as its marks show it; arrays are (slices, rows, columns).

    Attributes:
        arteries: bool, up to the outer wall.
        possible: uint16, bit masks of `scripts.organs`.
        known: bool; False where contrast may be, but nothing is marked (the heart).
    """

    arteries: np.ndarray
    possible: np.ndarray
    known: np.ndarray


def marked_anatomy(
    volume: Volume, circles: Sequence[Circle], half_slice_mm: float, unmarked_mm: Sequence[Sequence[float]] = ()
) -> MarkedAnatomy:
    """Join the circles of a scan and grow its arteries to the wall.

    Args:
        volume: the NCCT.
        circles: its marks.
        half_slice_mm: half the distance of the source's slices.
        unmarked_mm: ranges of LPS z whose arteries are not all marked.
    """
    width = [SMOOTHING_MM / step for step in volume.spacing_mm]
    smooth_hu = ndimage.gaussian_filter(volume.hu, width)
    others = np.zeros(volume.hu.shape, dtype=np.uint16)
    name_negatives(others, volume, circles, half_slice_mm)
    arteries = np.zeros(volume.hu.shape, dtype=bool)
    for name in ARTERIES:
        if found := [c for c in circles if c.structure == name]:
            box = box_around(found, volume)
            free = others[box] == 0
            arteries[box] |= _region_grown(crop(volume, box), smooth_hu[box], free, found, half_slice_mm)
    possible = np.where(smooth_hu < SOFT_HU[0], bits({Organ.OTHER}), NO_BRIGHT_BLOOD).astype(np.uint16)
    heart = draw_tube([c for c in circles if c.structure == "heart"], volume, half_slice_mm)
    possible[heart] = _HEART
    for name, organs in _CHAMBERS.items():
        chamber = draw_tube([c for c in circles if c.structure == name], volume, half_slice_mm)
        possible[chamber & (smooth_hu > SOFT_HU[0])] = organs
        heart |= chamber
    possible[others > 0] = others[others > 0]
    reach = [UNSURE_MM / step for step in volume.spacing_mm]
    unsure = (ndimage.gaussian_filter(arteries.astype(np.float32), reach) > 0.05) & ~arteries & (smooth_hu > SOFT_HU[0])
    unsure &= others == 0
    possible[unsure] |= bits({Organ.ARTERY})
    possible[arteries] = bits({Organ.ARTERY})
    known = ~heart
    z_mm = volume.origin_mm[2] + np.arange(len(known)) * volume.spacing_mm[0]
    for low, high in unmarked_mm:
        unmarked = (low < z_mm) & (z_mm < high)
        known[unmarked] = False
        soft = unmarked[:, None, None] & (smooth_hu > SOFT_HU[0]) & (smooth_hu < SOFT_HU[1])
        possible[soft & (possible == NO_BRIGHT_BLOOD)] |= bits({Organ.ARTERY})
    known |= arteries
    return MarkedAnatomy(arteries, possible, known)


def _region_grown(
    volume: Volume, smooth_hu: np.ndarray, free: np.ndarray, circles: Sequence[Circle], half_slice_mm: float
) -> np.ndarray:
    """Grow one artery; where no fat parts it from its neighbour, the neighbour's marks (not `free`) are its border."""
    tube = draw_tube(circles, volume, half_slice_mm)
    thinner = [Circle(c.structure, c.x_mm, c.y_mm, c.z_mm, c.radius_mm * CORE) for c in circles]
    core = draw_tube(thinner, volume, half_slice_mm)
    reach = dilate(tube, WALL_MM, volume.spacing_mm)
    soft = (smooth_hu > SOFT_HU[0]) & (smooth_hu < SOFT_HU[1])
    grown = core & (smooth_hu > SOFT_HU[0]) | tube & (smooth_hu > SOFT_HU[0]) | reach & soft & free
    labels, count = ndimage.label(grown)
    if not count:
        return grown
    touched = np.unique(labels[core & grown])
    return np.isin(labels, touched[touched > 0])
