"""Solid organs of the abdomen, and the order in which it is painted.

Each organ is drawn once, as an object of numbers; shapes and painting follow from it and draw nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.diaphragm import below_diaphragm
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Shape, common, ellipsoid, rotation, smooth_line, tube, without
from cohorts.phantom.atlas.tissues import Tissue
from cohorts.phantom.organs.gut import paint_gut, paint_mesentery, paint_stomach
from cohorts.phantom.organs.liver import draw_liver, paint_liver

_SIDES = (-1, 1)


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**62))


@dataclass(frozen=True)
class Kidney:
    """What differs between two kidneys.

    Attributes:
        centre_mm: (x, y, z).
        size: factor of all its parts.
        turn_deg: azimuth beside the usual one.
        kidney_seed, sinus_seed, pyramid_seed, pelvis_seed, adrenal_seeds: of the roughness of the surfaces.
    """

    centre_mm: np.ndarray
    size: float
    turn_deg: float
    kidney_seed: int
    sinus_seed: int
    pyramid_seed: int
    pelvis_seed: int
    adrenal_seeds: tuple[int, int]


def draw_kidney(habitus: Habitus, side: int, rng: np.random.Generator) -> Kidney:
    """Draw the kidney of a side, -1 for the right and 1 for the left one."""
    level = -226 + 5 * side + rng.normal(0, 6)
    x, y = habitus.spine(level)
    size = float(rng.uniform(0.9, 1.1))
    return Kidney(
        centre_mm=np.array([x + side * (61 + rng.normal(0, 3)), y - 6 + rng.normal(0, 3), level]),
        size=size,
        turn_deg=rng.normal(0, 6),
        kidney_seed=_seed(rng),
        sinus_seed=_seed(rng),
        pyramid_seed=_seed(rng),
        pelvis_seed=_seed(rng),
        adrenal_seeds=(_seed(rng), _seed(rng)),
    )


def _paint_kidney(canvas: Canvas, side: int, build: Kidney, cavity: Shape) -> None:
    """Perirenal fat, cortex, medulla, pelvis, and the adrenal gland on top."""
    grid, centre, size = canvas.grid, build.centre_mm, build.size
    axes = rotation(90 - side * 35 + build.turn_deg, 0)
    whole = ellipsoid(
        grid,
        centre,
        np.array([29, 24, 54]) * size,
        axes=axes,
        rough_mm=1.3,
        rough_length_mm=18,
        seed=build.kidney_seed,
    )
    hilum = centre + np.array([-side * 21, -13, -2]) * size
    sinus = ellipsoid(
        grid,
        hilum,
        np.array([19, 13, 25]) * size,
        axes=axes,
        rough_mm=2.5,
        rough_length_mm=9,
        seed=build.sinus_seed,
    )
    canvas.paint(common(whole.grown(4), cavity), Tissue.FAT)
    kidney = without(common(whole, cavity.grown(-6)), sinus)
    canvas.paint(kidney, Tissue.KIDNEY_CORTEX)
    inner = without(kidney.grown(-6.0), sinus.grown(2))
    net = grid.roughness(inner.box, build.pyramid_seed, centre - 80, centre + 80, 9.0)
    pyramids = Shape(inner.box, np.maximum(inner.distance_mm, np.float32(-1.5) - np.float32(4) * net))
    canvas.paint(pyramids, Tissue.KIDNEY_MEDULLA)
    pelvis = ellipsoid(
        grid,
        hilum + np.array([side * 4, 2, 0]),
        np.array([8, 6, 13]) * size,
        rough_mm=1.5,
        rough_length_mm=7,
        seed=build.pelvis_seed,
    )
    canvas.paint(pelvis, Tissue.BILE)
    gland = centre + np.array([-side * 26, -12, 50])
    for lean_deg, seed in zip((-14, 22), build.adrenal_seeds, strict=True):
        limb = ellipsoid(grid, gland, (2.6, 11, 13), axes=rotation(lean_deg * side, 10), rough_mm=0.5, seed=seed)
        canvas.paint(limb, Tissue.ADRENAL)


@dataclass(frozen=True)
class Spleen:
    """What differs between two spleens: a factor of the size, and the seeds of surface and hilum."""

    size: float
    surface_seed: int
    hilum_seed: int


def draw_spleen(rng: np.random.Generator) -> Spleen:
    """Draw a patient's spleen."""
    return Spleen(float(rng.uniform(0.85, 1.2)), _seed(rng), _seed(rng))


def _paint_spleen(canvas: Canvas, habitus: Habitus, cavity: Shape, build: Spleen) -> None:
    x, y, z = 96 * habitus.width_factor, 34, -146 + 0.7 * habitus.diaphragm_mm
    spleen = ellipsoid(
        canvas.grid,
        (x, y, z),
        np.array([46, 27, 50]) * build.size,
        axes=rotation(62, -12),
        rough_mm=1.6,
        rough_length_mm=22,
        seed=build.surface_seed,
    )
    hilum = ellipsoid(canvas.grid, (x - 32, y - 14, z), (18, 22, 40), rough_mm=2, seed=build.hilum_seed)
    canvas.paint(common(without(spleen, hilum), cavity.grown(-3)), Tissue.SPLEEN)


@dataclass(frozen=True)
class Pancreas:
    """What differs between two pancreases: the heights of four points of the gland (mm), and its roughness."""

    bend_mm: np.ndarray
    seed: int


def draw_pancreas(rng: np.random.Generator) -> Pancreas:
    """Draw a patient's pancreas."""
    return Pancreas(rng.normal(0, 4, 4), _seed(rng))


def _paint_pancreas(canvas: Canvas, build: Pancreas) -> None:
    """The gland with its duct, and the veins along it."""
    bend = build.bend_mm
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
    gland = tube(canvas.grid, line, rough_mm=1.6, rough_length_mm=7, seed=build.seed)
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


def paint_abdomen(canvas: Canvas, habitus: Habitus, cage: Shape, rng: np.random.Generator) -> None:
    """Paint everything under the diaphragm; the great arteries follow later."""
    liver_rng, spleen_rng, kidney_rng, pancreas_rng, stomach_rng, gut_rng, twig_rng = rng.spawn(7)
    if habitus.window_mm > -20:
        return
    box = canvas.grid.whole
    cavity = common(cage, below_diaphragm(canvas, habitus, box, 0.0))
    if habitus.window_mm < -130:
        paint_mesentery(canvas, habitus, twig_rng)
        paint_gut(canvas, habitus, cavity, gut_rng)
    paint_stomach(canvas, habitus, cavity, stomach_rng)
    _paint_spleen(canvas, habitus, cavity, draw_spleen(spleen_rng))
    _paint_pancreas(canvas, draw_pancreas(pancreas_rng))
    paint_liver(canvas, habitus, cavity, draw_liver(habitus, liver_rng))
    for side in _SIDES:
        _paint_kidney(canvas, side, draw_kidney(habitus, side, kidney_rng), cavity)
    _paint_crura(canvas, habitus)


def _paint_crura(canvas: Canvas, habitus: Habitus) -> None:
    """The two pillars of the diaphragm beside the spine."""
    for side in _SIDES:
        crus = []
        for z, dx, dy, r in ((-130, 16, -20, 3.5), (-165, 15, -20, 4.5), (-200, 15, -18, 5), (-235, 14, -14, 3)):
            x, y = habitus.spine(z)
            crus.append((x + side * dx + 3, y + dy, z, r))
        canvas.paint(tube(canvas.grid, smooth_line(crus, 6), rough_mm=0.8, seed=side + 5), Tissue.MUSCLE)
