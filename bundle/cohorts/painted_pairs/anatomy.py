"""What marks tell about every voxel of a scan: arteries grown to the wall that the image shows, and the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from cohorts.ct.reading import Volume, crop
from cohorts.marks.circles import ARTERIES, Circle
from cohorts.marks.tubes import draw_tube
from cohorts.pseudo_pairs.morphology import dilate
from scripts.organs import NO_BRIGHT_BLOOD, Organ, bits

SOFT_HU = (-25.0, 115.0)
"""Blood and wall on the smoothed scan; below is fat or lung mixed in, above is calcium or bone."""

WALL_MM = 1.2
"""How far an artery may reach beyond its marked circles, where the image shows no border before."""

CORE = 0.75
"""Share of the radius inside which an artery is taken as marked."""

SMOOTHING_MM = 0.8

UNSURE_MM = 2.0
"""Around an artery, a voxel may still belong to it."""

_NEGATIVES = {
    "oesophagus": Organ.OESOPHAGUS,
    "svc": Organ.VEIN,
    "ivc": Organ.VEIN,
    "jugular": Organ.VEIN,
    "brachiocephalic_vein": Organ.VEIN,
    "azygos": Organ.VEIN,
    "portal_vein": Organ.VEIN,
    "iliac_vein": Organ.VEIN,
    "smv": Organ.VEIN,
    "muscle": Organ.MUSCLE,
    "psoas": Organ.MUSCLE,
    "thyroid": Organ.PARENCHYMA,
    "liver": Organ.PARENCHYMA,
    "spleen": Organ.PARENCHYMA,
    "kidney": Organ.PARENCHYMA,
    "pancreas": Organ.PARENCHYMA,
    "bowel": Organ.PARENCHYMA,
    "vertebra": Organ.BONE,
    "bone": Organ.BONE,
}
_JOINED = ("oesophagus", "svc", "ivc", "jugular", "brachiocephalic_vein", "azygos")
"""Tubes too: what lies between two marked levels is known."""

_HEART = bits(set(Organ) - {Organ.OESOPHAGUS, Organ.BONE})


@dataclass(frozen=True)
class MarkedAnatomy:
    """Anatomy of a scan as far as its marks tell; arrays are (slices, rows, columns).

    Attributes:
        arteries: bool, up to the outer wall.
        possible: uint16, bit masks of `scripts.organs`.
        known: bool; False where contrast may be, but nobody marked what (the heart).
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
    arteries = np.zeros(volume.hu.shape, dtype=bool)
    for name in ARTERIES:
        if found := [c for c in circles if c.structure == name]:
            box = _box_around(found, volume)
            arteries[box] |= _grown(crop(volume, box), smooth_hu[box], found, half_slice_mm)
    possible = np.where(smooth_hu < SOFT_HU[0], bits({Organ.OTHER}), NO_BRIGHT_BLOOD).astype(np.uint16)
    heart = draw_tube([c for c in circles if c.structure == "heart"], volume, half_slice_mm)
    possible[heart] = _HEART
    pulmonary = draw_tube([c for c in circles if c.structure == "pulmonary_artery"], volume, half_slice_mm)
    possible[pulmonary & (smooth_hu > SOFT_HU[0])] = bits({Organ.RIGHT_HEART})
    for circle_name, organ in _NEGATIVES.items():
        found = [c for c in circles if c.structure == f"not_{circle_name}"]
        # each side has its own vein, and each muscle stands for itself
        groups = _sides(found) if circle_name in _JOINED else [[c] for c in found]
        for group in groups:
            box = _box_around(group, volume)
            possible[box][draw_tube(group, crop(volume, box), half_slice_mm)] = bits({organ})
    reach = [UNSURE_MM / step for step in volume.spacing_mm]
    unsure = (ndimage.gaussian_filter(arteries.astype(np.float32), reach) > 0.05) & ~arteries & (smooth_hu > SOFT_HU[0])
    possible[unsure] |= bits({Organ.ARTERY})
    possible[arteries] = bits({Organ.ARTERY})
    known = ~(heart | pulmonary)
    z_mm = volume.origin_mm[2] + np.arange(len(known)) * volume.spacing_mm[0]
    for low, high in unmarked_mm:
        unmarked = (low < z_mm) & (z_mm < high)
        known[unmarked] = False
        soft = unmarked[:, None, None] & (smooth_hu > SOFT_HU[0]) & (smooth_hu < SOFT_HU[1])
        possible[soft & (possible == NO_BRIGHT_BLOOD)] |= bits({Organ.ARTERY})
    known |= arteries
    return MarkedAnatomy(arteries, possible, known)


def _sides(circles: Sequence[Circle]) -> list[list[Circle]]:
    """Circles of a paired structure by side of their common middle; an unpaired one falls into one or both groups."""
    if not circles:
        return []
    middle_mm = (min(c.x_mm for c in circles) + max(c.x_mm for c in circles)) / 2
    left, right = ([c for c in circles if (c.x_mm > middle_mm) == side] for side in (True, False))
    apart = max(c.x_mm for c in circles) - min(c.x_mm for c in circles) > 50
    return [group for group in (left, right) if group] if apart else [list(circles)]


def _box_around(circles: Sequence[Circle], volume: Volume) -> tuple[slice, ...]:
    """Part of the grid that holds a structure with all that it may grow to."""
    margin_mm = max(c.radius_mm for c in circles) + 8
    centres_mm = np.array([[c.z_mm, c.y_mm, c.x_mm] for c in circles])
    origin, spacing = np.array(volume.origin_mm[::-1]), np.array(volume.spacing_mm)
    low = np.floor((centres_mm.min(axis=0) - margin_mm - origin) / spacing).astype(int)
    high = np.ceil((centres_mm.max(axis=0) + margin_mm - origin) / spacing).astype(int) + 1
    limits = zip(low, high, volume.hu.shape, strict=True)
    return tuple(slice(min(max(a, 0), n - 1), max(min(b, n), 1)) for a, b, n in limits)


def _grown(volume: Volume, smooth_hu: np.ndarray, circles: Sequence[Circle], half_slice_mm: float) -> np.ndarray:
    tube = draw_tube(circles, volume, half_slice_mm)
    thinner = [Circle(c.structure, c.x_mm, c.y_mm, c.z_mm, c.radius_mm * CORE) for c in circles]
    core = draw_tube(thinner, volume, half_slice_mm)
    reach = dilate(tube, WALL_MM, volume.spacing_mm)
    soft = (smooth_hu > SOFT_HU[0]) & (smooth_hu < SOFT_HU[1])
    grown = core & (smooth_hu > SOFT_HU[0]) | tube & (smooth_hu > SOFT_HU[0]) | reach & soft
    labels, count = ndimage.label(grown)
    if not count:
        return grown
    touched = np.unique(labels[core & grown])
    return np.isin(labels, touched[touched > 0])
