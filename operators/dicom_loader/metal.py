"""How much metal does a series show? Streaks around implants look like vessels to a network."""

import numpy as np

METAL_HU = 2900.0
"""Metal saturates at 3071 HU on 12-bit scanners and lies higher on others; cortical bone and plaque stay below 2000 HU,
tooth enamel below 2800 HU."""


def metal_ml(hu: np.ndarray, spacing_mm: tuple[float, float, float]) -> float:
    """Volume above `METAL_HU`.

    Args:
        hu: (slice, row, column) volume in HU.
        spacing_mm: (column, row, slice) distance between voxel centres.

    Returns:
        Volume in ml.
    """
    voxels = sum(int(np.count_nonzero(plane_hu > METAL_HU)) for plane_hu in hu)
    return voxels * float(np.prod(spacing_mm)) / 1000
