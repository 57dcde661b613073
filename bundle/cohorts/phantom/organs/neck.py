"""Muscles, airway, thyroid and glands of the neck; the vessels and the spine are painted elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Grid, Shape, common, ellipsoid, rotation, smooth_line, tube, union
from cohorts.phantom.atlas.tissues import Tissue

_LEVELS_MM = (70, 110, 150, 185)
_MUSCLES = {
    "sternocleidomastoid": (
        (26, -34, 12, 6, 10),
        (42, -22, 15, 7, 35),
        (48, -8, 15, 7.5, 60),
        (52, 8, 13, 8, 75),
    ),
    "anterior scalene": ((27, -10, 8, 6, 20), (20, -8, 6, 5, 20), (16, -8, 5, 4, 20), (13, -8, 5, 4, 20)),
    "middle scalene": ((33, 4, 9, 8, 30), (27, 2, 8, 7, 30), (23, 2, 7, 6, 30), (21, 2, 6, 6, 30)),
    "longus colli": ((8, -12.5, 7, 3.6, 8), (8, -11, 7, 4, 10), (9, -11, 7.5, 4.2, 10), (10, -11, 8, 4.5, 10)),
    "levator": ((40, 20, 9, 8, 60), (34, 14, 8, 8, 60), (31, 11, 8, 7, 60), (28, 8, 7, 7, 60)),
    "splenius": ((26, 38, 18, 7, 150), (25, 32, 19, 6.5, 145), (27, 30, 19, 6.5, 140), (28, 30, 18, 7, 135)),
    "semispinalis": ((11, 33, 9, 9, 90), (12, 30, 11, 10, 100), (12, 30, 12, 9.5, 110), (12, 32, 13, 9, 120)),
    "multifidus": ((10, 20, 8, 7, 90), (11, 17, 9, 7, 110), (11, 17, 9, 7, 110), (12, 18, 9, 7, 110)),
    "trapezius": ((26, 47, 26, 5, 165), (22, 42, 22, 4, 160), (16, 42, 16, 3.5, 160), (10, 42, 10, 3, 160)),
    "trapezius edge": ((54, 18, 13, 7, 75), (45, 14, 11, 5, 75), (36, 24, 7, 3, 75), (30, 28, 5, 2, 75)),
    "strap": ((10, -43, 9, 3, -12), (13, -42, 9, 2.8, -25), (13, -40, 8, 2.6, -25), (14, -38, 6, 2.2, -25)),
}
"""Each muscle at the four levels: dx, dy from the vertebra, half width, half depth (mm), azimuth (degrees)."""

_SIDES = (-1, 1)
_NODES, _ORGAN_SEEDS = 26, 16


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**62))


@dataclass(frozen=True)
class NeckOrgans:
    """What differs between the organs of two necks.

    Attributes:
        larynx_mm: height (z) of the vocal cords.
        thyroid_size: factor of the right and the left lobe.
        nodes: (26, 5) from 0 to 1: side, height, distance from the spine to the side and to the front, size.
        seeds: of the roughness of the surfaces.
    """

    larynx_mm: float
    thyroid_size: np.ndarray
    nodes: np.ndarray
    seeds: tuple[int, ...]


def draw_muscle_seeds(rng: np.random.Generator) -> dict[tuple[int, str], int]:
    """Draw the roughness of every muscle of the neck: a seed by side (-1 right, 1 left) and name."""
    return {(side, name): _seed(rng) for side in _SIDES for name in _MUSCLES}


def draw_neck_organs(rng: np.random.Generator) -> NeckOrgans:
    """Draw a patient's organs of the neck."""
    larynx_mm, size = float(rng.normal(122, 3)), rng.uniform(0.8, 1.3, 2)
    nodes = rng.uniform(0, 1, (_NODES, 5))
    return NeckOrgans(larynx_mm, size, nodes, tuple(_seed(rng) for _ in range(_ORGAN_SEEDS)))


def paint_neck_space(canvas: Canvas, habitus: Habitus, envelope: Shape, rng: np.random.Generator) -> None:
    """Fill the neck's core with fat and its muscles, each separated from the next by a fat plane."""
    if habitus.window_mm < 40:
        return
    # A thin platysma stays; towards the shoulders the muscles close in.
    depth = 2.0 + 45 * np.clip((80 - canvas.grid.z_mm) / 25, 0, 1)[:, None, None]
    canvas.paint(Shape(envelope.box, envelope.distance_mm + depth.astype(np.float32)), Tissue.FAT)
    inside = envelope.grown(-1.0)
    for (side, name), seed in draw_muscle_seeds(rng).items():
        muscle = _muscle(canvas.grid, habitus, side, _MUSCLES[name], inside, seed)
        canvas.paint(muscle.grown(1.5), Tissue.FAT, 0.85)
        canvas.paint(muscle, Tissue.MUSCLE)


def _muscle(
    grid: Grid, habitus: Habitus, side: int, rows: Sequence[Sequence[float]], inside: Shape, seed: int
) -> Shape:
    """One muscle of one side, a row of strands where it is flat."""
    points = []
    for z, (dx, dy, wide, deep, turn) in zip(_LEVELS_MM, rows, strict=True):
        x, y = habitus.spine(z)
        points.append((x + side * dx, y + dy, z, wide, deep, turn))
    line = smooth_line(points, 9.0)
    spread_mm = np.maximum(line[:, 3] - line[:, 4], 0.5)
    count = max(4, int(np.ceil(2 * spread_mm.max() / line[:, 4].mean())) + 1)
    strands = []
    for share in np.linspace(-1, 1, count):
        angle = np.radians(line[:, 5])
        strand = line[:, :4].copy()
        strand[:, 0] += side * np.cos(angle) * spread_mm * share
        strand[:, 1] += np.sin(angle) * spread_mm * share
        strand[:, 3] = line[:, 4] * habitus.muscle_factor**0.5 * (1 - 0.12 * abs(share))
        strands.append(tube(grid, strand, reach_mm=4))
    muscle = common(union(strands, float(np.clip(1.6 * line[:, 4].mean(), 2, 9))), inside)
    if not muscle.distance_mm.size:
        return muscle
    rough = grid.roughness(muscle.box, seed, (-120, -120, 20), (120, 120, 220), 8.0)
    return Shape(muscle.box, muscle.distance_mm - np.float32(0.7) * rough)


def paint_neck_organs(canvas: Canvas, habitus: Habitus, rng: np.random.Generator) -> None:
    """Larynx, trachea, pharynx, thyroid, submandibular and parotid glands, nodes, floor of the mouth."""
    if habitus.window_mm < 40:
        return
    organs = draw_neck_organs(rng)
    at = partial(_relative_to_spine, habitus)
    _paint_larynx(canvas, at, organs, partly_calcified=habitus.age > 50)
    wall = _paint_pharynx(canvas, at, organs)
    _paint_trachea_and_thyroid(canvas, at, organs)
    tongue = ellipsoid(
        canvas.grid, at(182, 0, -48), (22, 27, 24), rough_mm=1.5, rough_length_mm=14, seed=organs.seeds[5]
    )
    canvas.paint(tongue, Tissue.MUSCLE)
    canvas.paint(wall, Tissue.GAS)
    _paint_glands(canvas, at, organs)
    _paint_nodes(canvas, at, organs)


SpineOffset = Callable[[float, float, float], tuple[float, float, float]]
"""From a height (z) and the distances from the spine to the left and to the back to a point in atlas mm."""


def _relative_to_spine(habitus: Habitus, z: float, dx: float, dy: float) -> tuple[float, float, float]:
    x, y = habitus.spine(z)
    return x + dx, y + dy, z


def _paint_larynx(canvas: Canvas, at: SpineOffset, organs: NeckOrgans, partly_calcified: bool) -> None:
    """Thyroid and cricoid cartilage with the soft tissue between them."""
    grid, larynx, seeds = canvas.grid, organs.larynx_mm, organs.seeds
    for side in _SIDES:
        axes = rotation(90 - side * 32, 0)
        wing = ellipsoid(grid, at(larynx, side * 13, -32), (14, 1.8, 14), axes=axes, rough_mm=0.4, seed=seeds[0])
        canvas.paint(wing, Tissue.CARTILAGE)
        if partly_calcified:
            canvas.paint(wing.grown(-0.9), Tissue.TRABECULAR)
    for z, wide in ((larynx - 8, 12.5), (larynx + 8, 14)):
        canvas.paint(ellipsoid(grid, at(z, 0, -27), (wide, 13, 14), rough_mm=0.8, seed=seeds[1]), Tissue.SOFT)
    ring = ellipsoid(grid, at(larynx - 19, 0, -26), (12, 12.5, 8), rough_mm=0.5, seed=seeds[2])
    canvas.paint(ring, Tissue.CARTILAGE)
    canvas.paint(ring.grown(-2.5), Tissue.SOFT)


def _paint_pharynx(canvas: Canvas, at: SpineOffset, organs: NeckOrgans) -> Shape:
    """Its muscular wall; the lumen inside is returned, and filled with gas after the tongue."""
    larynx = organs.larynx_mm
    throat = [(*at(larynx + 14, 0, -20), 8), (*at(larynx + 35, 0, -18), 10), (*at(larynx + 75, 0, -20), 13)]
    lumen = tube(canvas.grid, smooth_line(throat, 5), rough_mm=1.2, seed=organs.seeds[3])
    canvas.paint(lumen.grown(4.0), Tissue.MUSCLE)
    return lumen


def _paint_trachea_and_thyroid(canvas: Canvas, at: SpineOffset, organs: NeckOrgans) -> None:
    grid, larynx = canvas.grid, organs.larynx_mm
    air = [
        (*at(66, 0, -29), 8.3),
        (*at(larynx - 26, 0, -28), 8.3),
        (*at(larynx - 12, 0, -28), 7.0),
        (*at(larynx, 0, -29), 3.6),
        (*at(larynx + 8, 0, -28), 6.5),
    ]
    trachea = tube(grid, smooth_line(air, 3))
    canvas.paint(trachea.grown(1.8), Tissue.AIRWAY_WALL)
    for side, grow in zip(_SIDES, organs.thyroid_size, strict=True):
        lobe = ellipsoid(
            grid,
            at(larynx - 30, side * 14.5, -26),
            np.array([7.5, 10.5, 23]) * grow,
            axes=rotation(side * 20, 0),
            rough_mm=0.9,
            rough_length_mm=8,
            seed=organs.seeds[4],
        )
        canvas.paint(lobe.grown(1.0), Tissue.FAT, 0.6)
        canvas.paint(lobe, Tissue.THYROID)
    bridge = [(*at(larynx - 38, -12, -36), 3.0), (*at(larynx - 38, 0, -40), 2.6), (*at(larynx - 38, 12, -36), 3.0)]
    canvas.paint(tube(grid, smooth_line(bridge, 3), z_scale=0.4), Tissue.THYROID)
    canvas.paint(trachea.grown(1.2), Tissue.AIRWAY_WALL)
    canvas.paint(trachea, Tissue.GAS)


def _paint_glands(canvas: Canvas, at: SpineOffset, organs: NeckOrgans) -> None:
    """Submandibular and parotid glands."""
    grid, seeds = canvas.grid, organs.seeds
    for side in _SIDES:
        submandibular = ellipsoid(
            grid,
            at(158, side * 30, -38),
            (11, 16, 15),
            axes=rotation(90 - side * 30, 0),
            rough_mm=1.3,
            rough_length_mm=8,
            seed=seeds[6],
        )
        canvas.paint(submandibular, Tissue.SALIVARY)
        parotid = ellipsoid(grid, at(186, side * 50, -8), (12, 20, 22), rough_mm=1.8, rough_length_mm=8, seed=seeds[7])
        canvas.paint(parotid, Tissue.FAT)
        canvas.paint(parotid, Tissue.SALIVARY, 0.6)


def _paint_nodes(canvas: Canvas, at: SpineOffset, organs: NeckOrgans) -> None:
    """Lymph nodes along the vessels."""
    for right, height, beside, front, size in organs.nodes:
        side = 1 if right < 0.5 else -1
        centre = at(70 + 110 * height, side * (30 + 16 * beside), -14 + 22 * front)
        semi_mm = (1.8 + 2 * size, 1.8 + 2 * front, 3 + 3 * beside)
        canvas.paint(ellipsoid(canvas.grid, centre, semi_mm, rough_mm=0.4, seed=organs.seeds[8]), Tissue.SOFT)
