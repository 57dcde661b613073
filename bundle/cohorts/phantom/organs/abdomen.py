"""Solid organs of the abdomen, and the order in which it is painted."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.diaphragm import below_diaphragm
from cohorts.phantom.atlas.frame import Frame
from cohorts.phantom.atlas.shapes import Shape, common, ellipsoid, rotation, smooth_line, tube, union, without
from cohorts.phantom.atlas.tissues import Tissue
from cohorts.phantom.organs.gut import paint_gut, paint_mesentery, paint_stomach


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**62))


def _paint_liver(canvas: Canvas, frame: Frame, room: Shape, rng: np.random.Generator) -> Shape:
    grid = canvas.grid
    drop = 0.7 * frame.diaphragm_mm
    long = float(rng.normal(0, 7))
    lobes = union(
        [
            ellipsoid(
                grid,
                (-70, 4, -150 + drop),
                (62 * frame.width_factor, 80, 74 + long),
                rough_mm=2.0,
                rough_length_mm=30,
                seed=_seed(rng),
                reach_mm=14,
            ),
            ellipsoid(
                grid,
                (-4, -42, -134 + drop),
                (58, 26, 36),
                axes=rotation(-8, 8),
                rough_mm=2.0,
                rough_length_mm=26,
                seed=_seed(rng),
                reach_mm=14,
            ),
            ellipsoid(
                grid,
                (-88, 8, -205 + drop),
                (32, 50, 40 + long),
                rough_mm=1.5,
                rough_length_mm=26,
                seed=_seed(rng),
                reach_mm=14,
            ),
        ],
        14,
    )
    liver = common(lobes, room.grown(-3.0))
    gall = ellipsoid(
        grid, (-48, -46, -205 + drop), rng.uniform((9, 15, 14), (15, 24, 22)), axes=rotation(-60, -20), seed=_seed(rng)
    )
    sx, sy = frame.spine(-180)
    hilum = ellipsoid(grid, (-26, -6, -196 + drop), (26, 12, 14), rough_mm=2, rough_length_mm=10, seed=_seed(rng))
    groove = tube(grid, smooth_line([(sx - 19, sy - 30, -120, 9), (sx - 19, sy - 30, -240, 17)], 8))
    behind = tube(
        grid, smooth_line([(*frame.spine(z), z, np.interp(z, (-240, -120), (46, 34))) for z in (-120, -180, -240)], 8)
    )
    groove = union([groove, behind])
    liver = without(without(without(liver, gall.grown(1.5)), hilum), groove)
    canvas.paint(liver.grown(1.2), Tissue.FAT)
    canvas.paint(liver, Tissue.LIVER)
    for tissue, root, radius, count in (
        (Tissue.PORTAL, (-34, -4, -182 + drop), 4.6, 7),
        (Tissue.CAVA_INFERIOR, (-27, 10, -116 + drop), 4.2, 7),
    ):
        for branch in rng.spawn(count):
            _grow_in(
                canvas,
                liver.grown(-3),
                np.array(root, float),
                branch.normal(0, 1, 3) + np.array([-0.9, -0.2, 0]),
                radius * float(branch.uniform(0.6, 1)),
                0,
                tissue,
                branch,
            )
    canvas.paint(gall.grown(1.2), Tissue.GUT_WALL)
    canvas.paint(gall, Tissue.BILE)
    return liver


def _grow_in(canvas: Canvas, organ: Shape, start, direction, radius, depth, tissue, rng: np.random.Generator) -> None:
    direction = direction / np.linalg.norm(direction)
    end = start + direction * (radius * float(rng.uniform(5, 9)) + 6)
    line = smooth_line(
        [(*start, radius), (*((start + end) / 2 + rng.normal(0, 1.5, 3)), radius * 0.9), (*end, radius * 0.8)], 4
    )
    vessel = tube(canvas.grid, line, reach_mm=1)
    if vessel.distance_mm.size:
        canvas.paint(common(vessel, organ), tissue)
    for child in rng.spawn(2):
        if depth < 4 and radius > 0.9:
            _grow_in(
                canvas,
                organ,
                end,
                direction + child.normal(0, 0.5, 3),
                radius * float(child.uniform(0.6, 0.82)),
                depth + 1,
                tissue,
                child,
            )


def _paint_kidneys(canvas: Canvas, frame: Frame, room: Shape, rng: np.random.Generator) -> None:
    grid = canvas.grid
    for side in (-1, 1):
        level = -226 + 5 * side + rng.normal(0, 6)
        x, y = frame.spine(level)
        size = float(rng.uniform(0.9, 1.1))
        centre = np.array([x + side * (61 + rng.normal(0, 3)), y - 6 + rng.normal(0, 3), level])
        axes = rotation(90 - side * 35 + rng.normal(0, 6), 0)
        kidney = ellipsoid(
            grid, centre, np.array([29, 24, 54]) * size, axes=axes, rough_mm=1.3, rough_length_mm=18, seed=_seed(rng)
        )
        hilum = centre + np.array([-side * 21, -13, -2]) * size
        sinus = ellipsoid(
            grid, hilum, np.array([19, 13, 25]) * size, axes=axes, rough_mm=2.5, rough_length_mm=9, seed=_seed(rng)
        )
        canvas.paint(common(kidney.grown(4), room), Tissue.FAT)
        kidney = without(common(kidney, room.grown(-6)), sinus)
        canvas.paint(kidney, Tissue.KIDNEY_CORTEX)
        inner = without(kidney.grown(-6.0), sinus.grown(2))
        net_seed = _seed(rng)
        net = grid.roughness(inner.box, net_seed, centre - 80, centre + 80, 9.0)
        pyramids = Shape(inner.box, np.maximum(inner.distance_mm, np.float32(-1.5) - np.float32(4) * net))
        canvas.paint(pyramids, Tissue.KIDNEY_MEDULLA)
        pelvis = ellipsoid(
            grid,
            hilum + np.array([side * 4, 2, 0]),
            np.array([8, 6, 13]) * size,
            rough_mm=1.5,
            rough_length_mm=7,
            seed=_seed(rng),
        )
        canvas.paint(pelvis, Tissue.BILE)
        gland = centre + np.array([-side * 26, -12, 50])
        for lean in (-14, 22):
            limb = ellipsoid(grid, gland, (2.6, 11, 13), axes=rotation(lean * side, 10), rough_mm=0.5, seed=_seed(rng))
            canvas.paint(limb, Tissue.ADRENAL)


def _paint_spleen(canvas: Canvas, frame: Frame, room: Shape, rng: np.random.Generator) -> None:
    size = float(rng.uniform(0.85, 1.2))
    centre = (96 * frame.width_factor, 34, -146 + 0.7 * frame.diaphragm_mm)
    spleen = ellipsoid(
        canvas.grid,
        centre,
        np.array([46, 27, 50]) * size,
        axes=rotation(62, -12),
        rough_mm=1.6,
        rough_length_mm=22,
        seed=_seed(rng),
    )
    hollow = ellipsoid(
        canvas.grid, (centre[0] - 32, centre[1] - 14, centre[2]), (18, 22, 40), rough_mm=2, seed=_seed(rng)
    )
    spleen = common(without(spleen, hollow), room.grown(-3))
    canvas.paint(spleen, Tissue.SPLEEN)


def _paint_pancreas(canvas: Canvas, rng: np.random.Generator) -> None:
    bend = rng.normal(0, 4, 4)
    line = smooth_line(
        [
            (-34, -16, -232 + bend[0], 9),
            (-30, -20, -212 + bend[1], 11),
            (-6, -28, -206, 7.5),
            (22, -20, -198 + bend[2], 8),
            (52, 2, -188 + bend[3], 8.5),
            (74, 16, -180, 6),
        ],
        5,
    )
    gland = tube(canvas.grid, line, rough_mm=1.6, rough_length_mm=7, seed=_seed(rng))
    canvas.paint(gland, Tissue.PANCREAS)
    duct = line.copy()
    duct[:, 3] = 1.0
    canvas.paint(tube(canvas.grid, duct), Tissue.BILE, 0.7)
    splenic = line[2:].copy()
    splenic[:, 1] += 9
    splenic[:, 3] = 4.0
    canvas.paint(tube(canvas.grid, splenic), Tissue.PORTAL)
    portal = smooth_line([(-6, -18, -206, 5.5), (-20, -12, -192, 6.0), (-34, -4, -178, 5.5)], 4)
    canvas.paint(tube(canvas.grid, portal), Tissue.PORTAL)
    mesenteric = smooth_line([(-8, -19, -206, 5.2), (-10, -26, -240, 4.8), (-16, -34, -300, 4.0)], 5)
    canvas.paint(tube(canvas.grid, mesenteric), Tissue.PORTAL)


def paint_abdomen(canvas: Canvas, frame: Frame, cage: Shape, rng: np.random.Generator) -> None:
    """Paint everything under the diaphragm; the great arteries follow later."""
    liver_rng, spleen_rng, kidney_rng, pancreas_rng, stomach_rng, gut_rng, twig_rng = rng.spawn(7)
    if frame.window_mm > -20:
        return
    box = canvas.grid.whole
    room = common(cage, below_diaphragm(canvas, frame, box, 0.0))
    if frame.window_mm < -130:
        paint_mesentery(canvas, frame, twig_rng)
        paint_gut(canvas, frame, room, gut_rng)
    paint_stomach(canvas, frame, room, stomach_rng)
    _paint_spleen(canvas, frame, room, spleen_rng)
    _paint_pancreas(canvas, pancreas_rng)
    _paint_liver(canvas, frame, room, liver_rng)
    _paint_kidneys(canvas, frame, room, kidney_rng)
    for side in (-1, 1):
        crus = []
        for z, dx, dy, r in ((-130, 16, -20, 3.5), (-165, 15, -20, 4.5), (-200, 15, -18, 5), (-235, 14, -14, 3)):
            x, y = frame.spine(z)
            crus.append((x + side * dx + 3, y + dy, z, r))
        canvas.paint(tube(canvas.grid, smooth_line(crus, 6), rough_mm=0.8, seed=side + 5), Tissue.MUSCLE)
