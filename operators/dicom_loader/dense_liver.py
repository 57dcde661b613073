"""Is a bright liver dense by itself? Iron, amiodarone and glycogen give 75 to 140 HU without any contrast.

In every phase in which contrast makes the liver bright, spleen and kidneys are bright too. So a bright liver without
them is not a sign of contrast, although it reaches over the midline in front of the aorta.
"""

import numpy as np
from scipy import ndimage

from operators.dicom_loader.body import CoarseBody

_LIVER_SIDE_MM = 30.0
"""How far on the patient's right the middle of a liver lies at least."""

_LIVER_CM2 = 20.0
"""Cross-section from which a slice shows the liver."""

_LIVER_MM = 20.0
"""Required height of the liver in the scan: in a shorter range spleen and kidney may be missing."""

_ORGAN_SIDE_MM = 45.0
_ORGAN_FROM_BACK = 0.5
"""Where spleen and left kidney lie: on the left, in the back half of the body; the left lobe of the liver does not."""

_ORGAN_CM2 = 1.5
_MAX_ORGAN_SHARE = 0.2
"""Share of the slices of the liver in which one of them may be bright, as a stone or food in the stomach is."""


def dense_liver(body: CoarseBody, bright: np.ndarray) -> np.ndarray:
    """Find a liver that is bright while spleen and left kidney are not.

    Args:
        body: the patient.
        bright: (z, y, x) bright and even places.

    Returns:
        (z, y, x) the part of them that is such a liver; nowhere where contrast may have been given.
    """
    nowhere = np.zeros_like(bright)
    labels, count = ndimage.label(bright)
    if not count:
        return nowhere
    liver = labels == 1 + int(np.bincount(labels.ravel())[1:].argmax())
    left_mm = body.left_of_middle_mm
    sides_mm = np.broadcast_to(left_mm[:, None, :], liver.shape)[liver]
    areas_cm2 = liver.sum(axis=(1, 2)) * body.pixel_cm2
    shown = [int(i) for i in np.flatnonzero((areas_cm2 >= _LIVER_CM2) & body.is_trunk & ~body.is_chest)]
    if sides_mm.mean() > -_LIVER_SIDE_MM or len(shown) * body.spacing_mm[0] < _LIVER_MM:
        return nowhere
    organs_cm2 = np.array(
        [
            (bright[i] & (left_mm[i] > _ORGAN_SIDE_MM) & (body.from_back(i)[:, None] < _ORGAN_FROM_BACK)).sum()
            for i in shown
        ]
    )
    is_enhanced = (organs_cm2 * body.pixel_cm2 >= _ORGAN_CM2).mean() > _MAX_ORGAN_SHARE
    return nowhere if is_enhanced else liver
