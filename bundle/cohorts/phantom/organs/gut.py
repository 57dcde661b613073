"""Stomach, duodenum, small bowel, colon and the mesentery's vessels."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Shape, common, halfspace, smooth_line, tube
from cohorts.phantom.atlas.tissues import Tissue


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**62))


def _paint_hollow(canvas: Canvas, organ: Shape, wall_mm: float, content: Tissue, level_mm: float, seed: int) -> None:
    """Wall, contents and, above a fluid level, gas (anterior, since the patient lies on the back)."""
    inner = organ.grown(-wall_mm)
    canvas.paint(organ.grown(1.0), Tissue.FAT, 0.8)
    canvas.paint(organ, Tissue.GUT_WALL)
    canvas.paint(inner, content)
    canvas.paint(halfspace(inner, canvas.grid, (0, 1, 0), level_mm), Tissue.GAS)
    if content is Tissue.STOOL and inner.distance_mm.size:
        net = canvas.grid.roughness(inner.box, seed, (-200, -160, -420), (200, 160, -60), 5.0)
        bubbles = np.clip((net - np.float32(1.1)) * 2, 0, 1) * np.clip(-inner.distance_mm - 1, 0, 1)
        canvas.paint_coverage(inner.box, bubbles * np.float32(0.7), Tissue.GAS)


def paint_stomach(canvas: Canvas, habitus: Habitus, cavity: Shape, rng: np.random.Generator) -> None:
    fill = float(rng.uniform(0.6, 1.15))
    line = [
        (52, 18, -128, 26 * fill),
        (58, -8, -150, 30 * fill),
        (52, -38, -182, 23 * fill),
        (24, -50, -208, 17 * fill),
        (-8, -46, -212, 13),
        (-28, -36, -208, 10),
    ]
    stomach = tube(canvas.grid, smooth_line(line, 7), rough_mm=1.8, rough_length_mm=16, seed=_seed(rng))
    stomach = common(stomach, cavity.grown(-4))
    level = float(rng.uniform(-62, -8))
    _paint_hollow(canvas, stomach, float(rng.uniform(3, 5)), Tissue.GUT_CONTENT, level, 0)


def paint_gut(canvas: Canvas, habitus: Habitus, cavity: Shape, rng: np.random.Generator) -> None:
    grid = canvas.grid
    belly = habitus.belly_mm
    front = -58 - 0.7 * belly
    side = 92 * habitus.width_factor + 0.3 * belly
    colon: list[list[tuple[float, float, float, float]]] = [
        [(-side, 14, -345, 22), (-side - 2, 12, -300, 22), (-side, 10, -262, 20), (-side + 8, 0, -236, 19)],
        [
            (-side + 10, -6, -238, 19),
            (-62, front + 14, -256, 18),
            (-20, front + 6, -266, 17),
            (30, front + 6, -258, 17),
            (70, front + 20, -226, 17),
            (92, 0, -190, 18),
        ],
        [(94, 4, -186, 17), (side + 4, 20, -226, 15), (side + 6, 24, -280, 14), (side, 18, -345, 14)],
    ]
    for bends in colon:
        for child in rng.spawn(1):
            line = smooth_line(
                [(p[0], p[1], p[2] + child.normal(0, 4), p[3] * child.uniform(0.75, 1.1)) for p in bends], 6
            )
            line[:, 3] *= 1 + 0.13 * np.sin(np.arange(len(line)) * 1.5)  # haustra
            shape = common(tube(grid, line, rough_mm=1.4, rough_length_mm=10, seed=_seed(child)), cavity.grown(-3))
            level = float(child.uniform(np.percentile(line[:, 1], 0) - 24, np.median(line[:, 1]) + 2))
            _paint_hollow(canvas, shape, 1.8, Tissue.STOOL, level, _seed(child))
    for loop in rng.spawn(22):
        centre = np.array([loop.uniform(-64, 76), loop.uniform(front + 12, -8), loop.uniform(-350, -205)])
        if centre[2] > -236 and centre[0] < 10:
            centre[2] -= 50
        points, heading = [centre], loop.normal(0, 1, 3)
        for _ in range(5):
            heading = heading + loop.normal(0, 0.9, 3)
            heading /= np.linalg.norm(heading)
            step = points[-1] + heading * 20
            points.append(np.clip(step, (-82, front + 8, -370), (84, 2, -204)))
        radius = float(loop.uniform(9, 14))
        line = smooth_line([(*p, radius) for p in points], 5)
        level = float(loop.uniform(-120, -60)) if loop.random() < 0.75 else float(np.median(line[:, 1]) - 3)
        shape = common(tube(grid, line, rough_mm=1.1, rough_length_mm=8, seed=_seed(loop)), cavity.grown(-3))
        if shape.distance_mm.size:
            _paint_hollow(canvas, shape, 2.2, Tissue.GUT_CONTENT, level, 0)
    duodenum = smooth_line(
        [(-30, -34, -208, 11), (-50, -18, -216, 12), (-48, -8, -244, 12), (-20, -10, -258, 10), (24, -12, -252, 10)], 5
    )
    _paint_hollow(canvas, tube(grid, duodenum, rough_mm=1.2, seed=_seed(rng)), 2.2, Tissue.GUT_CONTENT, -90, 0)


def paint_mesentery(canvas: Canvas, habitus: Habitus, rng: np.random.Generator) -> None:
    """Small vessels and nodes in the visceral fat."""
    for twig in rng.spawn(120):
        start = np.array(
            [
                twig.uniform(-80, 80),
                twig.uniform(-62 - 0.6 * habitus.belly_mm, 6),
                habitus.window_mm + twig.uniform(-50, 50),
            ]
        )
        away = twig.normal(0, 12, 3)
        radius = float(twig.uniform(0.6, 1.7))
        tissue = (Tissue.ARTERY, Tissue.PORTAL, Tissue.PORTAL)[int(twig.integers(3))]
        if start[2] < -150:
            line = smooth_line(
                [
                    (*start, radius),
                    (*(start + away + twig.normal(0, 3, 3)), radius * 0.9),
                    (*(start + 2 * away), radius * 0.8),
                ],
                5,
            )
            canvas.paint(tube(canvas.grid, line, reach_mm=1), tissue)
