"""Ribs, sternum, shoulder girdle, pelvis, mandible and hyoid."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import FIRST_THORACIC, LEVELS, Habitus
from cohorts.phantom.atlas.shapes import Shape, common, ellipsoid, rotation, smooth_line, tube, union
from cohorts.phantom.atlas.tissues import Tissue


def paint_thorax(canvas: Canvas, habitus: Habitus, muscle: Shape, rng: np.random.Generator) -> None:
    """Ribs with costal cartilage, sternum, clavicles and scapulae."""
    grid = canvas.grid
    for rib in range(12):
        slope = float(rng.normal(0, 4))
        seeds = rng.integers(2**62, size=2)
        middle, height = LEVELS[FIRST_THORACIC + rib]
        start = middle + height * 0.4
        fall = np.interp(rib, (0, 3, 8, 11), (45, 92, 120, 75)) + slope
        end_deg = np.interp(rib, (0, 1, 6, 9, 10, 11), (18, 15, 14, 40, 75, 110))
        bony_deg = np.interp(rib, (0, 6, 9, 11), (26, 34, 52, 110))
        if start < habitus.window_mm - 90 or start - fall > habitus.window_mm + 90:
            continue
        for side, seed in zip((-1, 1), seeds, strict=True):
            angle = np.radians(np.linspace(163, end_deg, 40))
            share = (163 - np.degrees(angle)) / (163 - end_deg)
            level = start - fall * np.clip(share * 1.12, 0, 1) ** 0.9 + 18 * np.clip(share - 0.86, 0, 1) * (rib > 3)
            points = habitus.on_cage(side * angle, level, 5.0)
            radius = np.interp(share, (0, 0.1, 0.9, 1), (3.4, 3.9, 3.8, 4.4))
            line = np.column_stack([points, radius])
            bony = np.degrees(angle) >= bony_deg
            bone = tube(grid, line[bony], z_scale=0.6, rough_mm=0.25, seed=int(seed))
            if (~bony).sum() > 2:
                first = int(np.argmin(bony)) - 1
                canvas.paint(tube(grid, line[first:], z_scale=0.6), Tissue.CARTILAGE)
            canvas.paint_bone(bone, 1.2)
    _paint_sternum(canvas, habitus, rng)
    _paint_shoulder(canvas, habitus, muscle, rng)


def _paint_sternum(canvas: Canvas, habitus: Habitus, rng: np.random.Generator) -> None:
    levels = np.arange(50, -116, -6.0)
    width = np.interp(levels, (-115, -95, -85, -40, 12, 20, 35, 50), (4, 8, 17, 18, 14, 22, 27, 22)) * rng.uniform(
        0.9, 1.1
    )
    seed = int(rng.integers(2**62))
    if abs(habitus.window_mm + 30) > 160:
        return
    front = habitus.on_cage(0.0 * levels, levels, 6.5)
    slabs = []
    for x in np.linspace(-1, 1, 7):
        line = np.column_stack([front, np.full(levels.size, 5.2 - 1.4 * abs(x))])
        line[:, 0] += x * (width - 4)
        slabs.append(tube(canvas.grid, line))
    sternum = union(slabs, 4.0)
    sternum = Shape(
        sternum.box,
        sternum.distance_mm - 0.5 * canvas.grid.roughness(sternum.box, seed, (-40, -120, -130), (40, 0, 70), 9.0),
    )
    canvas.paint_bone(sternum, 1.1)


def _paint_shoulder(canvas: Canvas, habitus: Habitus, muscle: Shape, rng: np.random.Generator) -> None:
    """Clavicles, scapulae and humeral heads, each with fat around the muscles beside it."""
    grid = canvas.grid
    tilt = float(rng.uniform(50, 64))
    lift = float(rng.uniform(-6, 8))
    seeds = rng.integers(2**62, size=8)
    if habitus.window_mm < -110:
        return
    inside = muscle.grown(-2.5)
    for side, seed in zip((-1, 1), seeds[:2], strict=True):
        angle = np.radians(126)
        middle = habitus.on_cage(np.array(side * angle), np.array(0.0), 19.0)
        normal = rotation(90 + side * tilt, 0)
        blade = ellipsoid(
            grid, middle + np.array([0, 0, 8]), (34, 2.3, 62), axes=normal, rough_mm=0.9, seed=int(seed), reach_mm=16
        )
        space = blade.grown(0)
        plane = Shape(space.box, np.abs(space.distance_mm - np.float32(13)) - np.float32(0.7))
        canvas.paint(common(plane, inside), Tissue.FAT, 0.75)
        canvas.paint_bone(common(blade, inside), 1.3)
        neck = habitus.on_cage(np.array(side * np.radians(100)), np.array(46.0), 48.0)
        spine = [
            (*middle + np.array([-side * 16, 12, 34]), 4.5),
            (*(middle + neck) / 2 + np.array([side * 8, 16, 26]), 5.0),
            (neck[0] + side * 6, neck[1], 62.0, 6.0),
        ]
        canvas.paint_bone(common(tube(grid, smooth_line(spine, 5)), inside), 1.4)
        head = ellipsoid(
            grid, (neck[0] + side * 16, neck[1] - 4, 46 + lift), (23, 23, 22), rough_mm=0.8, seed=int(seed) + 1
        )
        canvas.paint(common(head.grown(2.2), inside), Tissue.FAT, 0.5)
        canvas.paint_bone(common(head, inside), 1.2)
        front = habitus.on_cage(np.array(0.0), np.array(46.0), 8.0)
        collar = [
            (side * 16, front[1], 46.0, 7.0),
            (side * 45, front[1] - 5, 54.0, 5.5),
            (side * 85, front[1] + 16, 66 + lift, 5.5),
            (side * 125, front[1] + 40, 68 + lift, 6.5),
        ]
        bone = tube(grid, smooth_line(collar, 5))
        canvas.paint(common(bone.grown(2.0), inside), Tissue.FAT, 0.7)
        canvas.paint_bone(common(bone, inside), 2.0)


def paint_pelvis(canvas: Canvas, habitus: Habitus, rng: np.random.Generator) -> None:
    """Iliac wings, when the window reaches them."""
    seeds = rng.integers(2**62, size=2)
    if habitus.window_mm > -225:
        return
    for side, seed in zip((-1, 1), seeds, strict=True):
        wing = ellipsoid(
            canvas.grid,
            (side * 88, 34, -358),
            (64, 5.0, 66),
            axes=rotation(90 - side * 50, 0),
            rough_mm=1.2,
            seed=int(seed),
        )
        canvas.paint(wing.grown(2), Tissue.FAT, 0.6)
        canvas.paint_bone(wing, 1.8)


def paint_jaw(canvas: Canvas, habitus: Habitus, muscle: Shape, rng: np.random.Generator) -> None:
    """Mandible and hyoid."""
    high = float(rng.normal(172, 5))
    bone = float(rng.normal(140, 4))
    if habitus.window_mm < 60:
        return
    y = habitus.spine(bone)[1]
    arch = [(s * 23, y - 22, bone + 3, 1.8) for s in (-1,)] + [
        (-16, y - 38, bone, 2.4),
        (0, y - 45, bone - 2, 3.6),
        (16, y - 38, bone, 2.4),
        (23, y - 22, bone + 3, 1.8),
    ]
    canvas.paint_bone(tube(canvas.grid, smooth_line(arch, 3), z_scale=0.6), 1.2)
    y = habitus.spine(high)[1]
    jaw = [
        (-46, y - 8, high + 14, 5.5),
        (-42, y - 30, high, 6.0),
        (-24, y - 62, high - 8, 6.5),
        (0, y - 72, high - 10, 7.0),
        (24, y - 62, high - 8, 6.5),
        (42, y - 30, high, 6.0),
        (46, y - 8, high + 14, 5.5),
    ]
    mandible = tube(canvas.grid, smooth_line(jaw, 4), z_scale=0.5)
    canvas.paint_bone(common(mandible, muscle.grown(-1.0)), 2.2)
