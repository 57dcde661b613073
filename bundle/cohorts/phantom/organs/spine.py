"""Vertebrae with discs, canal and processes, and the muscles along the spine."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import FIRST_LUMBAR, FIRST_THORACIC, LEVELS, Habitus, vertebra_half_mm
from cohorts.phantom.atlas.shapes import Shape, ellipsoid, smooth_line, tube, union
from cohorts.phantom.atlas.tissues import Tissue


def paint_back_muscles(canvas: Canvas, habitus: Habitus, rng: np.random.Generator) -> None:
    """Erector spinae, psoas and quadratus lumborum, each separated from its neighbours by fat and streaked with it."""
    grid = canvas.grid
    z = np.arange(habitus.window_mm - 120, habitus.window_mm + 121, 12.0)
    for side in (-1, 1):
        seeds = rng.integers(2**62, size=4)
        deep, psoas, quadratus, neck = [], [], [], []
        for level in z:
            sx, sy = habitus.spine(level)
            wide = np.interp(level, (-300, -180, 0, 80, 190), (19, 17, 13, 12, 13))
            deep.append(
                (sx + side * (wide + 5), sy + np.interp(level, (-300, 0, 90, 190), (42, 37, 30, 26)), level, wide)
            )
            big = np.interp(level, (-330, -280, -230, -190, -175), (24, 21, 15, 7, 2))
            psoas.append((sx + side * (22 + big * 0.75), sy + 1, level, big))
            quadratus.append((sx + side * 47, sy + 27, level, np.interp(level, (-320, -230, -180), (8, 6.5, 2))))
            neck.append((sx + side * 20, sy - 3, level, np.interp(level, (40, 70, 100, 180), (3, 7, 7, 5))))
        columns = [
            ("deep", deep, True),
            ("psoas", psoas, habitus.window_mm < -110),
            ("quadratus", quadratus, habitus.window_mm < -110),
        ]
        for (name, points, shown), seed in zip(columns, seeds, strict=False):
            if shown:
                line = smooth_line(points, 8.0)
                line[:, 3] = np.maximum(line[:, 3] * habitus.muscle_factor**0.5, 1.0)
                lateral = line.copy()
                lateral[:, 0] += side * line[:, 3] * 0.7
                lateral[:, 1] -= line[:, 3] * 0.12
                lateral[:, 3] *= 0.8
                strands = [line] if name == "psoas" else [line, lateral]
                muscle = union([tube(grid, strand, rough_mm=1.2, seed=int(seed)) for strand in strands], 8.0)
                canvas.paint(muscle.grown(1.4), Tissue.FAT, 0.8)
                canvas.paint(muscle, Tissue.MUSCLE)
                net = grid.roughness(muscle.box, int(seed) + 1, (-200, -160, -360), (200, 160, 220), 6.0)
                streaks = np.clip(1 - np.abs(net) / np.float32(0.12), 0, 1) * (muscle.distance_mm < -1)
                canvas.paint_coverage(muscle.box, streaks * np.float32(0.1 + 0.3 * habitus.age / 90), Tissue.FAT)


def paint_spine(canvas: Canvas, habitus: Habitus, rng: np.random.Generator) -> None:
    """Discs, canal and vertebrae."""
    grid = canvas.grid
    for index, (middle, height) in enumerate(LEVELS):
        draws = rng.normal(0, 1, 8)
        seed = int(rng.integers(2**62))
        if abs(middle - habitus.window_mm) > 110:
            continue
        _paint_vertebra(canvas, habitus, index, middle, height, draws, seed)
    z = np.arange(habitus.window_mm - 120, habitus.window_mm + 121, 10.0)
    canal = []
    for level in z:
        sx, sy = habitus.spine(level)
        canal.append((sx, sy + vertebra_half_mm(level)[1] + 8.5, level, 7.2))
    line = smooth_line(canal, 8.0)
    canvas.paint(tube(grid, line), Tissue.FAT)
    line[:, 3] = 6.0
    canvas.paint(tube(grid, line), Tissue.CORD)
    line[:, 3] = 3.6
    if habitus.window_mm > -190:
        canvas.paint(tube(grid, line), Tissue.MUSCLE, 0.6)


def _paint_vertebra(
    canvas: Canvas, habitus: Habitus, index: int, middle: float, height: float, draws, seed: int
) -> None:
    grid = canvas.grid
    sx, sy = habitus.spine(middle)
    half_x, half_y = vertebra_half_mm(middle)
    half_x, half_y = half_x * (1 + 0.03 * draws[0]), half_y * (1 + 0.03 * draws[1])
    disc_mm = height * 0.2
    box = grid.box(
        (sx - half_x - 6, sy - half_y - 6, middle - height / 2 - 2),
        (sx + half_x + 6, sy + half_y + 6, middle + height / 2 + 2),
    )
    x, y, z = grid.at(box)
    dx, dy = (x - np.float32(sx)) / np.float32(half_x), (y - np.float32(sy)) / np.float32(half_y)
    # The back of a body is flat to hollow, its middle has a waist.
    dy = np.where(dy > 0, dy * np.float32(1.18) - np.float32(0.15) * np.exp(-((dx * 2.2) ** 2)) * dy, dy)
    ring = (np.sqrt(dx * dx + dy * dy) - 1) * np.float32(min(half_x, half_y))
    offset = z - np.float32(middle)
    ends = np.abs(offset) - np.float32((height - disc_mm) / 2) - np.float32(0.8) * (dx * dx + dy * dy)
    waist = np.float32(0.9) * (1 - (offset / np.float32(height / 2)) ** 2)
    body = Shape(box, np.maximum(ring + waist, ends))
    disc = Shape(box, np.maximum(ring - np.float32(0.5), np.abs(offset) - np.float32(height / 2)))
    canvas.paint(disc, Tissue.DISC)
    cervical, lumbar = index < FIRST_THORACIC, index >= FIRST_LUMBAR
    back = sy + half_y
    reach = 20 if cervical else 30 if not lumbar else 38
    drop = -4 if lumbar else -8 if cervical else -16
    low = middle - 1
    parts = [body]
    for side in (-1, 1):
        pedicle = [(sx + side * half_x * 0.62, back - 5, low + 5, 4.6), (sx + side * 12.5, back + 7, low + 4, 4.6)]
        lamina = [
            (sx + side * 12.5, back + 7, low + 3, 4.2),
            (sx + side * 8, back + 16, low - 1, 3.8),
            (sx, back + 20, low - 4, 3.6),
        ]
        parts += [
            tube(grid, smooth_line(pedicle, 5), z_scale=0.7, seed=seed),
            tube(grid, smooth_line(lamina, 4), z_scale=0.5),
        ]
        tip = (
            (sx + side * (half_x + 8), back - 4, low + 3)
            if cervical
            else (sx + side * 31, back + (18 if not lumbar else 6), low + 6)
        )
        tip = (sx + side * 42, back + 5, low + 4) if lumbar else tip
        parts.append(tube(grid, smooth_line([(sx + side * 12.5, back + 8, low + 4, 4.6), (*tip, 3.4)], 5)))
        facet = (sx + side * 14, back + 11, low - height * 0.42)
        parts.append(ellipsoid(grid, facet, (5.5, 5.5, height * 0.26)))
    parts.append(
        tube(
            grid,
            smooth_line([(sx, back + 19, low - 3, 3.6), (sx + draws[2], back + reach, low + drop, 3.2)], 5),
            z_scale=0.45 if lumbar else 0.6,
        )
    )
    bone = union(parts, 2.0)
    canvas.paint_bone(bone, 1.3 + 0.2 * float(np.clip(draws[3], -1, 1)))
