"""The liver with its veins and the gall bladder: drawn once, then shapes that draw nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Grid, Shape, common, ellipsoid, rotation, smooth_line, tube, union, without
from cohorts.phantom.atlas.tissues import Tissue

_TREE_DEPTH, _TWIG_MM = 4, 0.9

_BULGE_MM = 10.0
"""Far more than a vein's smooth line runs beyond its nodes."""


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**62))


@dataclass(frozen=True)
class Liver:
    """What differs between two livers.

    Attributes:
        drop_mm: how far the diaphragm has pushed it down.
        long_mm: how much longer it is than the usual one.
        gall_bladder_mm: half lengths.
        lobe_seeds, gall_bladder_seed, hilum_seed: of the roughness of the surfaces.
        branches: portal and hepatic veins inside, each with its tissue and the nodes (n, 4) of its line.
    """

    drop_mm: float
    long_mm: float
    lobe_seeds: tuple[int, int, int]
    gall_bladder_mm: np.ndarray
    gall_bladder_seed: int
    hilum_seed: int
    branches: tuple[tuple[Tissue, np.ndarray], ...]


def draw_liver(habitus: Habitus, rng: np.random.Generator) -> Liver:
    """Draw a patient's liver with its veins."""
    drop_mm = 0.7 * habitus.diaphragm_mm
    long_mm = float(rng.normal(0, 7))
    right, left, caudal = _seed(rng), _seed(rng), _seed(rng)
    gall_bladder_mm = rng.uniform((9, 15, 14), (15, 24, 22))
    gall_bladder_seed, hilum_seed = _seed(rng), _seed(rng)
    roots = (
        (Tissue.PORTAL, (-34, -4, -182 + drop_mm), 4.6),
        (Tissue.CAVA_INFERIOR, (-27, 10, -116 + drop_mm), 4.2),
    )
    branches = []
    for tissue, root, radius_mm in roots:
        for branch in rng.spawn(7):
            heading = branch.normal(0, 1, 3) + np.array([-0.9, -0.2, 0])
            radius = radius_mm * float(branch.uniform(0.6, 1))
            branches += [(tissue, nodes) for nodes in _draw_tree(np.array(root, float), heading, radius, 0, branch)]
    return Liver(
        drop_mm, long_mm, (right, left, caudal), gall_bladder_mm, gall_bladder_seed, hilum_seed, tuple(branches)
    )


def _draw_tree(
    start: np.ndarray, heading: np.ndarray, radius_mm: float, depth: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Nodes of a vessel and of all that branch off it, the parent first."""
    heading = heading / np.linalg.norm(heading)
    end = start + heading * (radius_mm * float(rng.uniform(5, 9)) + 6)
    bend = (start + end) / 2 + rng.normal(0, 1.5, 3)
    yield np.array([(*start, radius_mm), (*bend, radius_mm * 0.9), (*end, radius_mm * 0.8)])
    for child in rng.spawn(2):
        if depth < _TREE_DEPTH and radius_mm > _TWIG_MM:
            aside = heading + child.normal(0, 0.5, 3)
            yield from _draw_tree(end, aside, radius_mm * float(child.uniform(0.6, 0.82)), depth + 1, child)


def paint_liver(canvas: Canvas, habitus: Habitus, cavity: Shape, build: Liver) -> None:
    """Paint liver, veins and gall bladder into the cavity under the diaphragm."""
    grid, drop = canvas.grid, build.drop_mm
    gall_bladder = ellipsoid(
        grid,
        (-48, -46, -205 + drop),
        build.gall_bladder_mm,
        axes=rotation(-60, -20),
        seed=build.gall_bladder_seed,
    )
    hilum = ellipsoid(grid, (-26, -6, -196 + drop), (26, 12, 14), rough_mm=2, rough_length_mm=10, seed=build.hilum_seed)
    liver = common(_liver_lobes(grid, habitus, build), cavity.grown(-3.0))
    liver = without(without(without(liver, gall_bladder.grown(1.5)), hilum), _groove_of_spine(grid, habitus))
    canvas.paint(liver.grown(1.2), Tissue.FAT)
    canvas.paint(liver, Tissue.LIVER)
    inside = liver.grown(-3)
    for tissue, nodes in build.branches:
        if not grid.meets(nodes, _BULGE_MM):
            continue
        vessel = tube(grid, smooth_line(nodes, 4), reach_mm=1)
        if vessel.distance_mm.size:
            canvas.paint(common(vessel, inside), tissue)
    canvas.paint(gall_bladder.grown(1.2), Tissue.GUT_WALL)
    canvas.paint(gall_bladder, Tissue.BILE)


def _liver_lobes(grid: Grid, habitus: Habitus, build: Liver) -> Shape:
    """Right lobe, left lobe, and the lower end of the right one."""
    drop, long = build.drop_mm, build.long_mm
    right, left, caudal = build.lobe_seeds
    lobes = [
        ellipsoid(
            grid,
            (-70, 4, -150 + drop),
            (62 * habitus.width_factor, 80, 74 + long),
            rough_mm=2.0,
            rough_length_mm=30,
            seed=right,
            reach_mm=14,
        ),
        ellipsoid(
            grid,
            (-4, -42, -134 + drop),
            (58, 26, 36),
            axes=rotation(-8, 8),
            rough_mm=2.0,
            rough_length_mm=26,
            seed=left,
            reach_mm=14,
        ),
        ellipsoid(
            grid,
            (-88, 8, -205 + drop),
            (32, 50, 40 + long),
            rough_mm=1.5,
            rough_length_mm=26,
            seed=caudal,
            reach_mm=14,
        ),
    ]
    return union(lobes, 14)


def _groove_of_spine(grid: Grid, habitus: Habitus) -> Shape:
    """Room for the inferior vena cava and the spine, which the liver lies around."""
    sx, sy = habitus.spine(-180)
    cava = tube(grid, smooth_line([(sx - 19, sy - 30, -120, 9), (sx - 19, sy - 30, -240, 17)], 8))
    spine = [(*habitus.spine(z), z, np.interp(z, (-240, -120), (46, 34))) for z in (-120, -180, -240)]
    return union([cava, tube(grid, smooth_line(spine, 8))])
