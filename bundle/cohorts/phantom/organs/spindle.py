"""A muscle of the chest wall as a spindle: a tube along the cage whose radius swells and shrinks."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Shape, smooth_line, tube

SHARE = np.linspace(0, 1, 6)
"""Where along a muscle its radius and its distance from the cage are given."""

_REACH_MM = 40.0  # the skin is drawn out over the muscle that far


def spindle_on_cage(
    canvas: Canvas,
    habitus: Habitus,
    side: int,
    ends_deg: tuple[float, float],
    ends_mm: tuple[float, float],
    outwards_mm: np.ndarray,
    radius_mm: np.ndarray,
    rough_mm: float,
    seed: int,
) -> Shape:
    """Draw one muscle along the chest wall.

    Args:
        canvas: the canvas that it will be painted on.
        habitus: the patient's build.
        side: -1 for the patient's right, 1 for the left.
        ends_deg: angle from the anterior midline at both ends.
        ends_mm: z at both ends.
        outwards_mm: distance of its line from the inner wall, at each of `SHARE`.
        radius_mm: its radius, at each of `SHARE`.
        rough_mm: SD of the bumps on its surface.
        seed: of the bumps.
    """
    angle, level_mm = (first + (last - first) * SHARE for first, last in (ends_deg, ends_mm))
    points = habitus.on_cage(side * np.radians(angle), level_mm, outwards_mm)
    line = smooth_line([(*point, radius) for point, radius in zip(points, radius_mm, strict=True)], 5)
    return tube(canvas.grid, line, rough_mm=rough_mm, seed=seed, reach_mm=_REACH_MM)
