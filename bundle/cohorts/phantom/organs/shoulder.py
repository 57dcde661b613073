"""Bulky muscles around the shoulder blade of patients with raised arms: side by side, streaked with fat, no vessel."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Shape
from cohorts.phantom.atlas.smooth_noise import SmoothField
from cohorts.phantom.atlas.tissues import Tissue
from cohorts.phantom.organs.spindle import SHARE, spindle_on_cage

_LOW_MM, _HIGH_MM = -100.0, 85.0
_STREAK_LENGTH_MM = (4.0, 4.0, 16.0)
_STREAK_CORNERS_MM = ((-220.0, -160.0, -360.0), (220.0, 160.0, 220.0))


def shoulder_muscles(canvas: Canvas, habitus: Habitus, rng: np.random.Generator) -> list[Shape]:
    """Latissimus, teres, subscapularis and serratus as thick spindles; none where the window does not reach them."""
    build = float(np.sqrt(habitus.muscle_factor))
    muscles = [
        _draw_muscle(canvas, habitus, rng, side, build) for side in (-1, 1) for _ in range(int(rng.integers(4, 8)))
    ]
    return muscles if _LOW_MM < habitus.window_mm < _HIGH_MM else []


def paint_shoulder(canvas: Canvas, muscles: list[Shape], rng: np.random.Generator) -> None:
    """Paint the muscles one into the other, a film of fat between them and streaks of it inside."""
    grid = canvas.grid
    net = SmoothField(rng, *_STREAK_CORNERS_MM, _STREAK_LENGTH_MM).sample(grid.z_mm, grid.y_mm, grid.x_mm)
    fatty = float(rng.uniform(0.05, 0.45))
    for muscle in muscles:
        canvas.paint(muscle.grown(float(rng.uniform(0.2, 1.4))), Tissue.FAT)
        canvas.paint(muscle, Tissue.MUSCLE, offset_hu=float(rng.normal(0, 4)))
        streaks = np.clip(1 - np.abs(net[muscle.box]) / np.float32(0.15), 0, 1) * np.float32(fatty)
        canvas.paint_coverage(muscle.box, streaks * (muscle.distance_mm < -1), Tissue.FAT)


def _draw_muscle(canvas: Canvas, habitus: Habitus, rng: np.random.Generator, side: int, build: float) -> Shape:
    """One muscle as a spindle that runs upwards along the chest wall, its thickest part anywhere on the way."""
    ends_deg = rng.uniform(80, 145), rng.uniform(70, 130)
    thick_mm = rng.uniform(9, 22) * build
    outwards_mm = 9 + thick_mm + rng.uniform(0, 14) * SHARE
    radius_mm = thick_mm * np.sin(np.pi * (0.12 + 0.76 * SHARE ** rng.uniform(0.6, 1.6)))
    seed = int(rng.integers(2**62))
    return spindle_on_cage(canvas, habitus, side, ends_deg, (_LOW_MM, _HIGH_MM), outwards_mm, radius_mm, 2.0, seed)
