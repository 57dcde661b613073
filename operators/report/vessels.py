"""What a result shows of each great vessel: the length that is enhanced, and the gaps.

The regions are anatomical: beside the spine, between the lungs, on both sides of the neck. They are not a
segmentation: what is enhanced there may be another structure, and a vessel outside of them is missed.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from operators.report.coarse_result import CoarseResult

_AORTA_CM2 = 1.5
_HEART_CM2 = 4.0
_NECK_CM2 = 0.15
"""Lit area in a slice from which the vessel counts as shown there: a lumen of 14, 23 and 4 mm."""

_BESIDE_SPINE_MM = 60.0
_SPINE_SIDE_MM = 25.0
_BACK_CHEST = (0.2, 0.5)
_BACK_ABDOMEN = (0.3, 0.65)
"""Where the aorta lies, as a share of the body's depth from the back."""

_HEART_SIDE_MM = 90.0
_SHORTEST_MM = 10.0
"""Shorter regions of the body are not reported."""


@dataclass(frozen=True)
class VesselCoverage:
    """What a result shows of a vessel.

    Attributes:
        name: the vessel.
        looked_mm: length of the scan in which it was looked for.
        lit_mm: how much of it is enhanced.
        longest_gap_mm: the longest dark stretch between enhanced ones.
        mean_hu: mean of the result where it is enhanced, None where nothing is.
    """

    name: str
    looked_mm: float
    lit_mm: float
    longest_gap_mm: float
    mean_hu: float | None

    @property
    def text(self) -> str:
        """In words for a reader."""
        if self.mean_hu is None:
            return f"NOT ENHANCED over {self.looked_mm:.0f} mm: the result says nothing about it"
        gap = f", longest gap {self.longest_gap_mm:.0f} mm" if self.longest_gap_mm else ", no gap"
        return f"enhanced over {self.lit_mm:.0f} of {self.looked_mm:.0f} mm{gap}, {self.mean_hu:.0f} HU"


def vessel_coverage(result: CoarseResult) -> list[VesselCoverage]:
    """Measure the enhancement in the regions of the great vessels.

    Args:
        result: the coarse result.

    Returns:
        The vessels of the regions that the scan shows, from the heart outwards.
    """
    body = result.body
    z = np.arange(len(body.hu))
    chest_at = np.flatnonzero(body.is_chest)
    if len(chest_at):
        chest, below = (z >= chest_at[0]) & (z <= chest_at[-1]), (z < chest_at[0]) & body.is_trunk
        above = z > chest_at[-1]
    else:
        chest, below, above = np.zeros(len(z), dtype=bool), body.is_trunk, ~body.is_trunk
    side_mm, from_back = _body_coordinates(result)
    left_of_spine = (side_mm > -_SPINE_SIDE_MM) & (side_mm < _BESIDE_SPINE_MM)
    aorta_chest = left_of_spine & (from_back > _BACK_CHEST[0]) & (from_back < _BACK_CHEST[1])
    aorta_abdomen = (
        (np.abs(side_mm) < _BESIDE_SPINE_MM) & (from_back > _BACK_ABDOMEN[0]) & (from_back < _BACK_ABDOMEN[1])
    )
    heart = (np.abs(side_mm) < _HEART_SIDE_MM) & (from_back >= _BACK_CHEST[1])
    looked_for = (
        ("Heart, ascending aorta, arch", heart, chest, _HEART_CM2),
        ("Descending aorta", aorta_chest, chest, _AORTA_CM2),
        ("Abdominal aorta", aorta_abdomen, below, _AORTA_CM2),
        ("Arteries of the neck, right", side_mm < 0, above, _NECK_CM2),
        ("Arteries of the neck, left", side_mm > 0, above, _NECK_CM2),
    )
    found = (_shown(result, name, place, slices, least_cm2) for name, place, slices, least_cm2 in looked_for)
    return [vessel for vessel in found if vessel.looked_mm >= _SHORTEST_MM]


def _shown(result: CoarseResult, name: str, place: np.ndarray, slices: np.ndarray, least_cm2: float) -> VesselCoverage:
    body, step_mm = result.body, result.body.spacing_mm[0]
    enhanced = result.enhanced & place & body.mask & slices[:, None, None]
    if least_cm2 >= _AORTA_CM2:  # a wide vessel: rims and small vessels must not count
        enhanced = ndimage.binary_opening(enhanced, np.ones((1, 2, 2), dtype=bool))
    shows = enhanced.sum(axis=(1, 2)) * body.pixel_cm2 >= least_cm2
    lit_at = np.flatnonzero(shows)
    gaps = np.diff(lit_at) - 1
    enhanced = enhanced & shows[:, None, None]
    return VesselCoverage(
        name=name,
        looked_mm=round(float(slices.sum() * step_mm), 1),
        lit_mm=round(float(len(lit_at) * step_mm), 1),
        longest_gap_mm=round(float(gaps.max() * step_mm), 1) if len(gaps) else 0.0,
        mean_hu=round(float((body.hu + result.added_hu)[enhanced].mean()), 1) if len(lit_at) else None,
    )


def _body_coordinates(result: CoarseResult) -> tuple[np.ndarray, np.ndarray]:
    """(z, y, x) distance to the midline in mm, positive on the left; share of the body's depth from the back."""
    mask, step_mm = result.body.mask, result.body.spacing_mm[2]
    x_mm = np.arange(mask.shape[2]) * step_mm
    side_mm, from_back = np.zeros(mask.shape, np.float32), np.zeros(mask.shape, np.float32)
    for i in np.flatnonzero(mask.any(axis=(1, 2))):
        side_mm[i] = x_mm - (mask[i].sum(axis=0) * x_mm).sum() / mask[i].sum()
        middle = mask[i][:, np.abs(side_mm[i, 0]) < 15].any(axis=1)
        rows = np.flatnonzero(middle if middle.any() else mask[i].any(axis=1))
        depth = max(1, rows[-1] - rows[0])
        from_back[i] = ((rows[-1] - np.arange(mask.shape[1])) / depth)[:, None]
    return side_mm, from_back
