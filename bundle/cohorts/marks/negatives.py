"""Classes of anatomy from the marks of other structures: oesophagus, veins, muscle, organs, bone."""

from collections.abc import Sequence

import numpy as np

from cohorts.ct.reading import Volume, crop
from cohorts.marks.circles import NEGATIVE, Circle
from cohorts.marks.tubes import draw_tube
from scripts.organs import Organ, bits

_ORGANS = {
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
"""Structures that are tubes: their course between two marked levels is known."""


def name_negatives(
    possible: np.ndarray, volume: Volume, circles: Sequence[Circle], half_slice_mm: float, only: int | None = None
) -> None:
    """Write the classes of marked structures that are not arteries into a map of possible classes.

    Args:
        possible: bit masks of `scripts.organs`, (slices, rows, columns) uint16; changed in place.
        volume: the scan, which gives the grid.
        circles: its marks.
        half_slice_mm: half the distance of the source's slices.
        only: voxels with this bit mask alone are written; None for all.
    """
    for name, organ in _ORGANS.items():
        found = [c for c in circles if c.structure == NEGATIVE + name]
        # each side has its own vein, and each muscle is separate
        groups = _sides(found) if name in _JOINED else [[c] for c in found]
        for group in groups:
            box = box_around(group, volume)
            inside = draw_tube(group, crop(volume, box), half_slice_mm)
            if only is not None:
                inside &= possible[box] == only
            possible[box][inside] = bits({organ})


def _sides(circles: Sequence[Circle]) -> list[list[Circle]]:
    """Circles of a paired structure by side of their common middle; an unpaired one falls into one or both groups."""
    if not circles:
        return []
    middle_mm = (min(c.x_mm for c in circles) + max(c.x_mm for c in circles)) / 2
    left, right = ([c for c in circles if (c.x_mm > middle_mm) == side] for side in (True, False))
    apart = max(c.x_mm for c in circles) - min(c.x_mm for c in circles) > 50
    return [group for group in (left, right) if group] if apart else [list(circles)]


def box_around(circles: Sequence[Circle], volume: Volume) -> tuple[slice, ...]:
    """Part of the grid that holds a structure and the room that it may grow into."""
    margin_mm = max(c.radius_mm for c in circles) + 8
    centres_mm = np.array([[c.z_mm, c.y_mm, c.x_mm] for c in circles])
    origin, spacing = np.array(volume.origin_mm[::-1]), np.array(volume.spacing_mm)
    low = np.floor((centres_mm.min(axis=0) - margin_mm - origin) / spacing).astype(int)
    high = np.ceil((centres_mm.max(axis=0) + margin_mm - origin) / spacing).astype(int) + 1
    limits = zip(low, high, volume.hu.shape, strict=True)
    return tuple(slice(min(max(a, 0), n - 1), max(min(b, n), 1)) for a, b, n in limits)
