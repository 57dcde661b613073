"""Smooth one-dimensional profiles along the body axis."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import PchipInterpolator


class Profile:
    """Monotone cubic through (z, value) nodes; the end values continue."""

    def __init__(self, nodes: dict[float, float]) -> None:
        z = sorted(nodes)
        self._low, self._high = z[0], z[-1]
        self._curve = PchipInterpolator(z, [nodes[k] for k in z])

    def __call__(self, z_mm):
        return self._curve(np.clip(z_mm, self._low, self._high))
