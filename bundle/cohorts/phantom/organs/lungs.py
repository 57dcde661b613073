"""Lungs, their vessels and the airways."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.diaphragm import diaphragm_mm
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Shape, common, on_box, smooth_line, tube, without
from cohorts.phantom.atlas.smooth_noise import SmoothField
from cohorts.phantom.atlas.tissues import Tissue

_REACH_MM = 1.0
"""How far around a vessel it is painted: the part of a voxel that its wall cuts."""


def airway_lines(rng: np.random.Generator) -> list[np.ndarray]:
    """Trachea, main and lobar bronchi (inner radius)."""
    r = float(rng.uniform(7.5, 9.5))
    s = rng.normal(0, 1, 6)
    return [
        smooth_line([(0 + s[0], 2, 92, r), (-1, 10, 60, r), (-2 + s[1], 18, 30, r), (-3, 23, 3, r * 1.02)], 4),
        smooth_line(
            [
                (-4, 23, 4, r * 0.85),
                (-18, 25, -9, r * 0.75),
                (-30, 25, -18, r * 0.66),
                (-38, 27, -36, r * 0.5),
                (-44, 32, -56, r * 0.36),
                (-52, 40, -80, 1.8),
            ],
            3,
        ),
        smooth_line([(-26, 25, -14, r * 0.5), (-42, 24, -8, r * 0.42), (-58, 24, 6, 2.0)], 3),
        smooth_line(
            [
                (-2, 23, 3, r * 0.8),
                (16, 26, -12, r * 0.68),
                (32, 29, -22, r * 0.6),
                (42, 34, -42, r * 0.42),
                (52, 42, -76, 1.9),
            ],
            3,
        ),
        smooth_line([(34, 28, -21, r * 0.46), (48, 18, -18, r * 0.38), (62, 10, -8, 2.0)], 3),
    ]


def paint_lungs(canvas: Canvas, habitus: Habitus, cage: Shape, middle: Shape, rng: np.random.Generator) -> Shape:
    """Parenchyma denser towards the back, with fine texture; returns the lungs."""
    grid = canvas.grid
    shade, fine = rng.spawn(2)
    box = grid.box((-175, -120, -230), (175, 120, 110))
    x, y, z = grid.at(box)
    above = (diaphragm_mm(habitus, x, y) - z) * np.float32(0.75)
    distance = np.maximum(on_box(cage, box) + np.float32(1.5), above)
    distance = np.maximum(distance, -on_box(middle, box))
    # The apex is a dome beside the spine.
    rise = np.clip((z - np.float32(20)) / np.float32(57), 0, None)
    nape = habitus.spine_y(z).astype(np.float32) - np.float32(2)
    forward = (y - nape + 25 * (1 - rise)) / (88 - 26 * rise)
    apex = np.sqrt(((np.abs(x) - 38) / 64) ** 2 + forward**2 + rise**2) - 1
    lungs = Shape(box, np.where(z > 20, np.maximum(distance, apex * np.float32(50)), distance))
    low, high = (-200.0, -160.0, -360.0), (200.0, 160.0, 220.0)
    axes = (grid.z_mm[box[0]], grid.y_mm[box[1]], grid.x_mm[box[2]])
    cloud = SmoothField(shade, low, high, 28.0).sample(*axes)
    grain = SmoothField(fine, low, high, 4.0).sample(*axes)
    offset = np.float32(0.45) * y + np.float32(14) * cloud + np.float32(16) * grain
    dome = Shape(box, np.maximum(np.abs(above - np.float32(1.5)) - np.float32(1.6), on_box(cage, box)))
    canvas.paint(without(dome, middle), Tissue.MUSCLE)
    coverage = np.clip(np.float32(0.5) - lungs.distance_mm / np.float32(grid.pixel_mm), 0, 1)
    canvas.paint_coverage(box, coverage, Tissue.LUNG, offset)
    return lungs


def paint_lung_trees(canvas: Canvas, habitus: Habitus, lungs: Shape, rng: np.random.Generator) -> None:
    """Branching pulmonary arteries and veins, clipped to the lungs."""
    lungs = lungs.grown(1.0)
    for side, hilum in ((-1, np.array([-46.0, 16.0, -24.0])), (1, np.array([44.0, 20.0, -18.0]))):
        for tissue, count in ((Tissue.PULMONARY_ARTERY, 14), (Tissue.LEFT_HEART, 11)):
            for branch in rng.spawn(count):
                _grow_tree(
                    canvas,
                    habitus,
                    side,
                    hilum + branch.normal(0, 7, 3),
                    None,
                    float(branch.uniform(3.0, 4.8)),
                    0,
                    tissue,
                    lungs,
                    branch,
                )
    for side in (-1, 1):
        for branch in rng.spawn(140):
            angle = side * np.radians(branch.uniform(12, 158))
            level = habitus.window_mm + branch.uniform(-60, 60)
            depth = float(branch.uniform(8, 60))
            away = branch.normal(0, 1, 3)
            away *= branch.uniform(8, 22) / np.linalg.norm(away)
            radius = float(branch.uniform(0.4, 1.15))
            tissue = Tissue.PULMONARY_ARTERY if branch.random() < 0.5 else Tissue.LEFT_HEART
            if canvas.grid.meets(np.array([(0, 0, level, radius), (0, 0, level + away[2], radius)]), _REACH_MM):
                point = habitus.on_cage(np.array(angle), np.array(level), -depth)
                line = np.array([(*point, radius), (*(point + away), radius * 0.7)])
                _paint_in_lung(canvas, line, tissue, lungs)


def _grow_tree(canvas, habitus, side, start, direction, radius, depth, tissue, lungs, rng: np.random.Generator) -> None:
    if direction is None:
        direction = rng.normal(0, 1, 3) * np.array([0.6, 1.0, 1.3]) + np.array([side * 0.9, 0.1, -0.5])
    direction = direction / np.linalg.norm(direction)
    length = radius * float(rng.uniform(5.5, 9.5)) + 5
    bend = rng.normal(0, 0.18, 3)
    middle = start + direction * length / 2 + bend * length / 2
    end = start + (direction + bend) * length
    turn = np.arctan2(end[0], -(end[1] - 5.0))
    inside = np.hypot(end[0], end[1] - 5.0) < habitus.cage_mm(turn, end[2]) - 4
    line = np.array([(*start, radius), (*middle, radius * 0.92), (*end, radius * 0.84)])
    if inside or radius < 1.6:
        _paint_in_lung(canvas, line, tissue, lungs)
    if inside and depth < 5 and radius > 0.8:
        for child in rng.spawn(2):
            new = direction + child.normal(0, 0.55, 3)
            _grow_tree(
                canvas,
                habitus,
                side,
                end,
                new,
                radius * float(child.uniform(0.62, 0.82)),
                depth + 1,
                tissue,
                lungs,
                child,
            )


def _paint_in_lung(canvas: Canvas, line: np.ndarray, tissue: Tissue, lungs: Shape) -> None:
    if not canvas.grid.meets(line, _REACH_MM):
        return
    vessel = tube(canvas.grid, line, reach_mm=_REACH_MM)
    if vessel.distance_mm.size:
        canvas.paint(common(vessel, lungs), tissue)


def paint_airways(canvas: Canvas, lines: list[np.ndarray]) -> None:
    """Wall and gas of trachea and bronchi."""
    airways = [tube(canvas.grid, line) for line in lines]
    for airway in airways:
        canvas.paint(airway.grown(1.6), Tissue.AIRWAY_WALL)
    for airway in airways:
        canvas.paint(airway, Tissue.GAS)
