"""The diaphragm: height of its domes, and what lies under it."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Shape


def diaphragm_mm(habitus: Habitus, x, y):
    """Height of the diaphragm over a place: two domes and the saddle that carries the heart."""
    right = -92 - 60 * (((x + 64) / 68) ** 2 + ((y - 0) / 88) ** 2)
    left = -104 - 58 * (((x - 66) / 66) ** 2 + ((y - 2) / 88) ** 2)
    middle = -116 - 40 * (((x - 10) / 60) ** 2 + ((y + 20) / 70) ** 2)
    return np.maximum(np.maximum(right, left), middle) + np.float32(habitus.diaphragm_mm)


def below_diaphragm(canvas: Canvas, habitus: Habitus, box, margin_mm: float) -> Shape:
    """Everything more than `margin_mm` under the diaphragm."""
    x, y, z = canvas.grid.at(box)
    return Shape(box, (z - diaphragm_mm(habitus, x, y)) * np.float32(0.75) + np.float32(margin_mm))
