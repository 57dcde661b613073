"""The heart: four chambers, myocardium, epicardial fat, pericardium and coronary arteries."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.frame import Frame
from cohorts.phantom.atlas.shapes import ellipsoid, rotation, smooth_line, tube, union, without
from cohorts.phantom.atlas.tissues import Tissue


class Heart:
    """Shapes of the four chambers and of the envelope that holds them."""

    def __init__(self, canvas: Canvas, frame: Frame, rng: np.random.Generator) -> None:
        grid = canvas.grid
        size = float(rng.normal(1.0, 0.06))
        seeds = [int(s) for s in rng.integers(2**62, size=8)]
        shift = rng.normal(0, 2.5, 3) + np.array([0, 0, 0.6 * frame.diaphragm_mm])
        turn = float(rng.normal(0, 7))
        self.wall_mm = float(rng.uniform(8.5, 11.5))
        long_axis = rotation(-38 + turn, -32)

        def at(x: float, y: float, z: float) -> np.ndarray:
            return np.array([x, y, z]) * np.array([size, size, 1]) + shift

        self.ventricle_outer = ellipsoid(
            grid,
            at(33, -18, -82),
            np.array([47, 31, 32]) * size,
            axes=long_axis,
            rough_mm=0.9,
            rough_length_mm=22,
            seed=seeds[0],
        )
        cavity = ellipsoid(
            grid,
            at(30, -16, -79),
            np.array([47, 31, 32]) * size - self.wall_mm - 1,
            axes=long_axis,
            rough_mm=1.2,
            rough_length_mm=9,
            seed=seeds[1],
        )
        papillary = [
            tube(
                grid,
                smooth_line([(*at(30, -24 - 6 * k, -72 - 12 * k), 2.5), (*at(44, -24 - 8 * k, -88 - 8 * k), 4.5)], 4),
            )
            for k in (0, 1)
        ]
        self.left_ventricle = without(cavity, union(papillary))
        right = union(
            [
                ellipsoid(
                    grid,
                    at(-2, -36, -84),
                    np.array([40, 24, 30]) * size,
                    axes=rotation(-18 + turn, -22),
                    rough_mm=1.3,
                    rough_length_mm=14,
                    seed=seeds[2],
                ),
                ellipsoid(grid, at(12, -38, -60), np.array([17, 15, 22]) * size, rough_mm=0.8, seed=seeds[3]),
            ],
            8,
        )
        self.right_ventricle = without(right, self.ventricle_outer.grown(1.0))
        self.left_atrium = union(
            [
                ellipsoid(
                    grid,
                    at(4, 17, -50),
                    np.array([29, 17, 23]) * size,
                    axes=rotation(8, 0),
                    rough_mm=1.2,
                    rough_length_mm=14,
                    seed=seeds[4],
                ),
                ellipsoid(
                    grid, at(32, -4, -40), np.array([11, 9, 10]) * size, rough_mm=1.2, rough_length_mm=8, seed=seeds[5]
                ),
                tube(grid, smooth_line([(*at(8, 8, -58), 12 * size), (*at(20, -4, -68), 12 * size)], 5)),
            ],
            5,
        )
        atrium = union(
            [
                ellipsoid(
                    grid,
                    at(-33, -9, -72),
                    np.array([20, 25, 30]) * size,
                    rough_mm=1.2,
                    rough_length_mm=14,
                    seed=seeds[6],
                ),
                ellipsoid(
                    grid,
                    at(-24, -28, -50),
                    np.array([14, 11, 14]) * size,
                    rough_mm=1.4,
                    rough_length_mm=9,
                    seed=seeds[7],
                ),
            ],
            5,
        )
        self.right_atrium = without(without(atrium, self.left_atrium.grown(2.5)), right.grown(2.0))
        self.left_atrium = without(self.left_atrium, self.ventricle_outer.grown(-self.wall_mm))
        self.parts = [self.ventricle_outer, right, self.left_atrium, atrium]
        self.envelope = union([p.grown(float(rng.uniform(2.0, 4.5))) for p in self.parts], 16)
        grooves = [(-16, -38, -46, 1.9), (-24, -38, -62, 1.7), (-28, -34, -84, 1.6), (-18, -20, -104, 1.4)]
        descending = [(10, -26, -48, 2.0), (22, -38, -58, 1.8), (30, -48, -78, 1.5), (42, -48, -98, 1.2)]
        circumflex = [(10, -24, -48, 1.8), (34, -10, -52, 1.5), (48, 6, -66, 1.2)]
        self.coronaries = [
            smooth_line([(*at(*p[:3]), p[3]) for p in line], 3) for line in (grooves, descending, circumflex)
        ]

    def paint_blood(self, canvas: Canvas) -> None:
        """Blood of the chambers; once more after the great veins, whose walls end where they open into a chamber."""
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
