"""Where the body is, in a volume of HU that has no structures beside it."""

import numpy as np
from scipy.ndimage import binary_fill_holes, binary_opening, label

from scripts.structures import Structure

BODY_HU = -400.0
_OPENING_VOXELS = 2


def body_structures(ncct_hu: np.ndarray) -> np.ndarray:
    """Label the body: the largest connected part above -400 HU, its lungs and bowel gas filled slice by slice.

    An opening by 2 voxels in the plane cuts the table off first.

    Args:
        ncct_hu: volume in HU, shape (X, Y, Z), slices last.

    Returns:
        `Structure.BODY` inside, `Structure.OUTSIDE` elsewhere, uint8, shape (X, Y, Z).
    """
    bright = ncct_hu > BODY_HU
    in_plane = np.zeros((3, 3, 3), dtype=bool)
    in_plane[:, 1, 1] = in_plane[1, :, 1] = True
    opened = binary_opening(bright, in_plane, iterations=_OPENING_VOXELS)
    parts, count = label(opened if opened.any() else bright)
    body = parts == 1 + np.argmax(np.bincount(parts.ravel())[1:]) if count else bright
    for index in range(body.shape[-1]):
        body[..., index] = binary_fill_holes(body[..., index])
    return np.where(body, np.uint8(Structure.BODY), np.uint8(Structure.OUTSIDE))
