"""Score that the true masks with one level each would reach: a reference for scores, like the NCCT unchanged."""

import numpy as np

from scripts.evaluation.truth import Truth
from scripts.structures import Structure

KNOWN_ANATOMY = "anatomy known"
"""Its name in tables."""


def known_anatomy_hu(truth: Truth) -> np.ndarray:
    """Raise the arterial lumen, and other enhancing tissue where it is known, each by its median rise in this patient.

    It uses every mask and both levels, which no NCCT shows, but not the levels of single organs, mixing, thrombus and
    soft edges. So it is not an upper bound: a model can score higher.

    Args:
        truth: the patient.

    Returns:
        Volume in HU, shape (X, Y, Z); the NCCT where nothing is known to enhance.
    """
    known = [Structure.ARTERIAL_LUMEN]
    if truth.structures_known:
        known.append(Structure.OTHER_ENHANCING)
    volume_hu = truth.ncct_hu.copy()
    for structure in known:
        inside = truth.structures == structure
        if inside.any():
            volume_hu[inside] += np.median(truth.cta_hu[inside] - truth.ncct_hu[inside])
    return volume_hu
