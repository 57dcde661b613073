"""Shape of the vessels: one threshold applied to real and synthetic volumes alike, and how well the results agree.

Whole-image scores hide the vessels, because background dominates them.
"""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import binary_erosion, binary_fill_holes, distance_transform_edt, find_objects, label
from skimage.morphology import skeletonize

VESSEL_HU = 150.0
RAISED_HU = 100.0
SMALLEST_MM3 = 10.0


def segment_vessels(
    volume_hu: np.ndarray,
    ncct_hu: np.ndarray,
    zone: np.ndarray,
    spacing_mm: Sequence[float],
    threshold_hu: float = VESSEL_HU,
) -> np.ndarray:
    """Segment what contrast makes bright: at or above the threshold, and at least 100 HU above the NCCT.

    Bone and calcium are bright in the NCCT already and are left out; in the unchanged NCCT nothing is segmented. Parts
    below 10 mm3 are dropped as noise, holes are filled.

    Args:
        volume_hu: real or synthetic CTA in HU, shape (X, Y, Z).
        ncct_hu: volume without contrast in HU, the same shape.
        zone: mask to look in, the same shape.
        spacing_mm: voxel spacing along each axis.
        threshold_hu: least HU of a vessel.
    """
    bright = zone & (volume_hu >= threshold_hu) & (volume_hu - ncct_hu >= RAISED_HU)
    parts, _ = label(bright)
    voxels = np.bincount(parts.ravel())
    large = voxels * np.prod(spacing_mm) >= SMALLEST_MM3
    large[0] = False
    return binary_fill_holes(large[parts])


def dice(synthetic: np.ndarray, real: np.ndarray) -> float:
    """Dice coefficient of two masks of one shape; NaN where the real one is empty."""
    if not real.any():
        return float("nan")
    return 2 * int((synthetic & real).sum()) / (int(synthetic.sum()) + int(real.sum()))


def cl_dice(synthetic: np.ndarray, real: np.ndarray) -> float:
    """Centre-line Dice (Shit et al., CVPR 2021) of two masks, shape (X, Y, Z); NaN where the real one is empty.

    The harmonic mean of the share of the synthetic centre line that lies in the real vessels and of the share of the
    real centre line that lies in the synthetic vessels.
    """
    if not real.any():
        return float("nan")
    if not synthetic.any():
        return 0.0
    (box,) = find_objects((synthetic | real).astype(np.uint8))
    synthetic, real = synthetic[box], real[box]
    synthetic_line, real_line = _centre_line(synthetic), _centre_line(real)
    precision = (synthetic_line & real).sum() / synthetic_line.sum()
    sensitivity = (real_line & synthetic).sum() / real_line.sum()
    return float(2 * precision * sensitivity / (precision + sensitivity)) if precision + sensitivity else 0.0


def _centre_line(vessels: np.ndarray) -> np.ndarray:
    """Centre line of every part of a mask.

    Lee's thinning takes tubes of an even width away altogether; such a part is thinned after it was made odd.
    """
    line = skeletonize(vessels)
    parts, count = label(vessels, np.ones((3, 3, 3)))
    lost = np.setdiff1d(np.arange(1, count + 1), parts[line])
    for part in lost:
        whole = parts == part
        odd = binary_erosion(whole, np.ones((2, 2, 2)))
        thin = skeletonize(odd)
        line |= thin if thin.any() else whole
    return line


def largest_diameter_mm(vessels: np.ndarray, spacing_mm: Sequence[float]) -> float:
    """Diameter of the largest sphere inside the vessels, in mm: the calibre of the widest vessel, in any direction.

    The sphere may reach out of the volume, where a vessel is cut off. It is accurate to about one voxel.

    Args:
        vessels: mask, shape (X, Y, Z).
        spacing_mm: voxel spacing along each axis.

    Returns:
        The diameter; 0 for an empty mask.
    """
    if not vessels.any():
        return 0.0
    (box,) = find_objects(vessels.astype(np.uint8))
    # One voxel more on each side: a side of the box is not a wall unless it is one in the volume.
    roomy = tuple(slice(max(0, side.start - 1), side.stop + 1) for side in box)
    radius_mm = distance_transform_edt(vessels[roomy], sampling=spacing_mm).max()
    return float(2 * radius_mm - min(spacing_mm))  # radii are measured to the centre of the first voxel outside
