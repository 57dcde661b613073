"""Muscles between shoulder blade and arm: rounded, as bright as blood, with fat around them, and no vessel."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Shape
from cohorts.phantom.atlas.tissues import Tissue
from cohorts.phantom.organs.spindle import SHARE, spindle_on_cage

_LOW_MM, _HIGH_MM = -110.0, 70.0
_BLEND_MM = 14.0


def axilla_muscles(canvas: Canvas, habitus: Habitus, rng: np.random.Generator) -> list[Shape]:
    """Latissimus, teres and the muscles beside them on both sides; none where the window does not reach the chest.

    Their size and brightness are those that a network most easily mistakes for a vessel.
    """
    build = float(np.sqrt(habitus.muscle_factor))
    muscles = []
    for side in (-1, 1):
        for _ in range(int(rng.integers(2, 5))):
            muscles.append(_draw_muscle(canvas, habitus, rng, side, build))
    return muscles if _LOW_MM < habitus.window_mm < _HIGH_MM else []


def covered_by_skin(skin: Shape, muscles: list[Shape], fat_mm: float) -> Shape:
    """The body's outline, drawn out over the muscles with `fat_mm` of fat on them."""
    distance = skin.distance_mm
    for muscle in muscles:
        part = distance[muscle.box]
        cover = muscle.distance_mm - np.float32(fat_mm)
        blend = np.maximum(np.float32(_BLEND_MM) - np.abs(part - cover), 0)
        distance[muscle.box] = np.minimum(part, cover) - blend * blend * np.float32(0.25 / _BLEND_MM)
    return Shape(skin.box, distance)


def paint_axilla(canvas: Canvas, muscles: list[Shape]) -> None:
    """Paint the muscles with fat around them."""
    for muscle in muscles:
        canvas.paint(muscle.grown(2.5), Tissue.FAT)
    for muscle in muscles:
        canvas.paint(muscle, Tissue.MUSCLE)


def _draw_muscle(canvas: Canvas, habitus: Habitus, rng: np.random.Generator, side: int, build: float) -> Shape:
    """One muscle as a spindle that runs upwards along the chest wall and turns to the front."""
    back_to_front_deg = rng.uniform(105, 140), rng.uniform(75, 108)
    thick_mm = rng.uniform(6, 15) * build
    outwards_mm = 10 + rng.uniform(2, 12) + thick_mm + 6 * SHARE
    radius_mm = thick_mm * np.sin(np.pi * (0.15 + 0.7 * SHARE))
    seed = int(rng.integers(2**62))
    return spindle_on_cage(
        canvas, habitus, side, back_to_front_deg, (_LOW_MM, _HIGH_MM), outwards_mm, radius_mm, 1.5, seed
    )
