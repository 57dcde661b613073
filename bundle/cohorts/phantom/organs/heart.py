"""The heart: four chambers, myocardium, epicardial fat, pericardium and coronary arteries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Grid, Shape, ellipsoid, rotation, smooth_line, tube, union, without
from cohorts.phantom.atlas.tissues import Tissue

_GROOVES = (
    ((-16, -38, -46, 1.9), (-24, -38, -62, 1.7), (-28, -34, -84, 1.6), (-18, -20, -104, 1.4)),
    ((10, -26, -48, 2.0), (22, -38, -58, 1.8), (30, -48, -78, 1.5), (42, -48, -98, 1.2)),
    ((10, -24, -48, 1.8), (34, -10, -52, 1.5), (48, 6, -66, 1.2)),
)
"""Right coronary, left anterior descending and circumflex artery: x, y, z and radius in mm."""


@dataclass(frozen=True)
class HeartBuild:
    """What differs between the hearts of two patients.

    Attributes:
        size: factor in the axial plane and of the chambers.
        shift_mm: (x, y, z) of the whole heart; it rests on the diaphragm.
        turn_deg: azimuth of the long axis, beside the usual one.
        wall_mm: left ventricular myocardium.
        fat_mm: epicardial fat over left ventricle, right ventricle, left and right atrium.
        seeds: of the roughness of eight surfaces.
    """

    size: float
    shift_mm: np.ndarray
    turn_deg: float
    wall_mm: float
    fat_mm: tuple[float, float, float, float]
    seeds: tuple[int, ...]

    def at(self, x: float, y: float, z: float) -> np.ndarray:
        """Place of a point of the usual heart, (x, y, z) in atlas mm, in this patient's heart."""
        return np.array([x, y, z]) * np.array([self.size, self.size, 1]) + self.shift_mm


def draw_heart(habitus: Habitus, rng: np.random.Generator) -> HeartBuild:
    """Draw a patient's heart."""
    size = float(rng.normal(1.0, 0.06))
    seeds = tuple(int(seed) for seed in rng.integers(2**62, size=8))
    shift_mm = rng.normal(0, 2.5, 3) + np.array([0, 0, 0.6 * habitus.diaphragm_mm])
    turn_deg, wall_mm = float(rng.normal(0, 7)), float(rng.uniform(8.5, 11.5))
    left, right, left_atrium, right_atrium = (float(rng.uniform(2.0, 4.5)) for _ in range(4))
    return HeartBuild(size, shift_mm, turn_deg, wall_mm, (left, right, left_atrium, right_atrium), seeds)


@dataclass(frozen=True)
class Heart:
    """Shapes of the heart.

    Attributes:
        ventricle_outer: left ventricle with its myocardium.
        left_ventricle, right_ventricle, left_atrium, right_atrium: the blood of the chambers.
        envelope: the pericardium, which holds all of it.
        coronaries: lines of the coronary arteries, see `smooth_line`.
    """

    ventricle_outer: Shape
    left_ventricle: Shape
    right_ventricle: Shape
    left_atrium: Shape
    right_atrium: Shape
    envelope: Shape
    coronaries: tuple[np.ndarray, ...]

    def paint_blood(self, canvas: Canvas) -> None:
        """Blood of the chambers; again after the great veins, whose walls end where they open into a chamber."""
        canvas.paint(self.right_ventricle, Tissue.RIGHT_HEART)
        canvas.paint(self.right_atrium, Tissue.RIGHT_HEART)
        canvas.paint(self.left_ventricle, Tissue.LEFT_HEART)
        canvas.paint(self.left_atrium, Tissue.LEFT_HEART)

    def paint(self, canvas: Canvas) -> None:
        """Pericardium, epicardial fat, myocardium, blood, coronary arteries."""
        canvas.paint(self.envelope.grown(1.0), Tissue.SOFT, 0.85)
        canvas.paint(self.envelope, Tissue.FAT)
        canvas.paint(self.right_atrium.grown(2.0), Tissue.MYOCARDIUM)
        canvas.paint(self.left_atrium.grown(2.0), Tissue.MYOCARDIUM)
        canvas.paint(self.right_ventricle.grown(3.0), Tissue.MYOCARDIUM)
        canvas.paint(self.ventricle_outer, Tissue.MYOCARDIUM)
        self.paint_blood(canvas)
        for line in self.coronaries:
            vessel = tube(canvas.grid, line)
            canvas.paint(vessel.grown(1.0), Tissue.FAT, 0.4)
            canvas.paint(vessel, Tissue.ARTERY)


def shape_heart(grid: Grid, build: HeartBuild) -> Heart:
    """Shapes of a heart on a grid; the same build gives the same heart."""
    outer, cavity = _left_ventricle(grid, build)
    right = _right_ventricle(grid, build)
    left_atrium, right_atrium = _left_atrium(grid, build), _right_atrium(grid, build)
    left_blood = without(left_atrium, outer.grown(-build.wall_mm))
    parts = (outer, right, left_blood, right_atrium)
    return Heart(
        ventricle_outer=outer,
        left_ventricle=cavity,
        right_ventricle=without(right, outer.grown(1.0)),
        left_atrium=left_blood,
        right_atrium=without(without(right_atrium, left_atrium.grown(2.5)), right.grown(2.0)),
        envelope=union([part.grown(fat_mm) for part, fat_mm in zip(parts, build.fat_mm, strict=True)], 16),
        coronaries=tuple(smooth_line([(*build.at(*p[:3]), p[3]) for p in line], 3) for line in _GROOVES),
    )


def _part(
    grid: Grid,
    build: HeartBuild,
    place: tuple[float, float, float],
    semi_mm: tuple[float, float, float],
    *,
    seed: int,
    rough_mm: float,
    rough_length_mm: float = 14.0,
    axes: np.ndarray | None = None,
) -> Shape:
    """An ellipsoid at a place of the usual heart, scaled as this one is; `seed` counts those of the build."""
    return ellipsoid(
        grid,
        build.at(*place),
        np.array(semi_mm) * build.size,
        axes=axes,
        rough_mm=rough_mm,
        rough_length_mm=rough_length_mm,
        seed=build.seeds[seed],
    )


def _left_ventricle(grid: Grid, build: HeartBuild) -> tuple[Shape, Shape]:
    """Its outer surface, and its cavity with two papillary muscles."""
    semi_mm, axes = (47, 31, 32), rotation(-38 + build.turn_deg, -32)
    outer = _part(grid, build, (33, -18, -82), semi_mm, seed=0, rough_mm=0.9, rough_length_mm=22, axes=axes)
    cavity = ellipsoid(
        grid,
        build.at(30, -16, -79),
        np.array(semi_mm) * build.size - build.wall_mm - 1,
        axes=axes,
        rough_mm=1.2,
        rough_length_mm=9,
        seed=build.seeds[1],
    )
    papillary = []
    for k in (0, 1):
        ends = [(*build.at(30, -24 - 6 * k, -72 - 12 * k), 2.5), (*build.at(44, -24 - 8 * k, -88 - 8 * k), 4.5)]
        papillary.append(tube(grid, smooth_line(ends, 4)))
    return outer, without(cavity, union(papillary))


def _right_ventricle(grid: Grid, build: HeartBuild) -> Shape:
    """Inflow and outflow, before the septum cuts them off."""
    axes = rotation(-18 + build.turn_deg, -22)
    inflow = _part(grid, build, (-2, -36, -84), (40, 24, 30), seed=2, rough_mm=1.3, axes=axes)
    return union([inflow, _part(grid, build, (12, -38, -60), (17, 15, 22), seed=3, rough_mm=0.8)], 8)


def _left_atrium(grid: Grid, build: HeartBuild) -> Shape:
    """Atrium, its appendage, and the way into the ventricle."""
    body = _part(grid, build, (4, 17, -50), (29, 17, 23), seed=4, rough_mm=1.2, axes=rotation(8, 0))
    appendage = _part(grid, build, (32, -4, -40), (11, 9, 10), seed=5, rough_mm=1.2, rough_length_mm=8)
    inlet = [(*build.at(8, 8, -58), 12 * build.size), (*build.at(20, -4, -68), 12 * build.size)]
    return union([body, appendage, tube(grid, smooth_line(inlet, 5))], 5)


def _right_atrium(grid: Grid, build: HeartBuild) -> Shape:
    """Atrium and its appendage, before the neighbours cut them off."""
    body = _part(grid, build, (-33, -9, -72), (20, 25, 30), seed=6, rough_mm=1.2)
    appendage = _part(grid, build, (-24, -28, -50), (14, 11, 14), seed=7, rough_mm=1.4, rough_length_mm=9)
    return union([body, appendage], 5)
