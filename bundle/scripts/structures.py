"""What the values of a `structures` volume mean."""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np


class Structure(IntEnum):
    """Label of a voxel on the anatomy of the NCCT."""

    OUTSIDE = 0
    BODY = 1
    OTHER_ENHANCING = 2
    ARTERIAL_LUMEN = 3


def is_lumen(labels: np.ndarray, lumen_labels: Sequence[int] | None) -> np.ndarray:
    """Mask of the arteries in a "lumen" volume.

    Args:
        labels: the volume, a mask or a label map, any shape.
        lumen_labels: values that are arteries; None for all above 0.

    Returns:
        Mask of the same shape.
    """
    return np.isin(labels, lumen_labels) if lumen_labels else labels > 0
