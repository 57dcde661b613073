"""What the true masks with one level for each of them reach: a mark to read scores by, beside the NCCT unchanged."""

import numpy as np

from scripts.evaluation.truth import Truth
from scripts.structures import Structure

KNOWN_ANATOMY = "anatomy known"
"""Its name in tables."""


def known_anatomy_hu(truth: Truth) -> np.ndarray:
    """Raise the arterial lumen, and other enhancing tissue where it is known, each by its median rise in this patient.

    It has every mask and both levels, which no NCCT shows; it knows nothing of the levels of single organs, of mixing,
    thrombus and soft edges. So it is no bound: a model can pass it.

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
