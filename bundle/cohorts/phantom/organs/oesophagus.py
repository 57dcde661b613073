"""The oesophagus: a collapsed tube behind trachea and heart, sometimes with gas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import smooth_line, tube
from cohorts.phantom.atlas.tissues import Tissue

_COURSE: tuple[tuple[float, float, float, float, float], ...] = (
    (150, 0, -12, 5, 0.2),
    (95, 4, -13.5, 5.5, 0.4),
    (60, 5, -14, 6, 0.7),
    (20, 4, -19, 6.5, 1),
    (-30, 0, -24, 7, 1),
    (-80, 4, -28, 7.5, 0.8),
    (-120, 14, -40, 8, 0.3),
    (-140, 26, -52, 9, 0.1),
)
"""z, left and in front of the spine's centre, radius, all in mm; and how freely it lies there, from 0 to 1."""


@dataclass(frozen=True)
class Oesophagus:
    """What differs between patients.

    Attributes:
        line: (points, 4) x, y, z and radius in mm.
        fat_mm: thickness of the fat around it; with little, it lies against the left atrium and the aorta.
        has_gas: whether there is gas in it.
        rough_seed: of its uneven wall.
    """

    line: np.ndarray
    fat_mm: float
    has_gas: bool
    rough_seed: int


def draw_oesophagus(habitus: Habitus, rng: np.random.Generator) -> Oesophagus:
    """Draw a patient's oesophagus: behind the heart it lies left or right of the middle."""
    (place_rng,) = rng.spawn(1)
    thickness, aside_mm = place_rng.uniform(0.75, 1.2), place_rng.normal(0, 6)
    points = []
    for z, left_mm, front_mm, radius_mm, freedom in _COURSE:
        x, y = habitus.spine(z)
        left_mm += freedom * (aside_mm + place_rng.normal(0, 2))
        front_mm += freedom * place_rng.normal(0, 2)
        points.append((x + left_mm + rng.normal(0, 1), y + front_mm, z, radius_mm * thickness))
    has_gas = bool(rng.random() < 0.5)
    rough_seed = int(rng.integers(2**62))
    return Oesophagus(smooth_line(points, 5), place_rng.uniform(0.2, 1.4), has_gas, rough_seed)


def paint_oesophagus(canvas: Canvas, oesophagus: Oesophagus) -> None:
    """Paint it, its fat, and the gas in it."""
    line = oesophagus.line
    shape = tube(canvas.grid, line, rough_mm=0.7, seed=oesophagus.rough_seed)
    canvas.paint(shape.grown(oesophagus.fat_mm), Tissue.FAT, 0.6)
    canvas.paint(shape, Tissue.OESOPHAGUS)
    if oesophagus.has_gas:
        inner = line.copy()
        inner[:, 3] = 1.6 + 1.2 * np.sin(np.arange(len(line)) * 0.9)
        canvas.paint(tube(canvas.grid, inner), Tissue.GAS)
