"""Trunk and neck envelope: skin, subcutaneous fat, muscle layers with fat planes, the cavity, and the table."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import POLE_Y_MM, Habitus
from cohorts.phantom.atlas.shapes import Shape, ellipsoid, rotation
from cohorts.phantom.atlas.smooth_noise import SmoothField
from cohorts.phantom.atlas.tissues import Tissue
from cohorts.phantom.organs.axilla import axilla_muscles, covered_by_skin, paint_axilla
from cohorts.phantom.organs.shoulder import paint_shoulder, shoulder_muscles

_BINS = 1440


class Layers:
    """Radius of each voxel around the trunk's pole, and the radii of the layers in its direction."""

    def __init__(self, canvas: Canvas, habitus: Habitus) -> None:
        x, y, z = canvas.grid.at(canvas.grid.whole)
        down = y - np.float32(POLE_Y_MM)
        self.radius_mm = np.sqrt(x * x + down * down)
        angle = np.arctan2(x, -down)  # 0 anterior, positive to the left
        self._bin = np.rint((angle + np.float32(np.pi)) * np.float32(_BINS / (2 * np.pi))).astype(np.int16) % _BINS
        self._angles = np.arange(_BINS) * (2 * np.pi / _BINS) - np.pi
        self._z = z.ravel()
        self._frame = habitus
        self._grid = canvas.grid

    def _spread(self, table: np.ndarray) -> np.ndarray:
        """Table (z, bin) to voxels (z, y, x)."""
        return np.stack([row.astype(np.float32)[index] for row, index in zip(table, self._bin, strict=True)])

    def _table(self, radius) -> np.ndarray:
        return radius(self._angles[None, :], self._z[:, None].astype(float))

    def shape(self, radius, smooth_deg: float = 0.0) -> Shape:
        """Inside of a layer, smoothed along the outline; the distance is corrected for the outline's slope."""
        table = self._table(radius)
        if smooth_deg:
            table = gaussian_filter1d(table, smooth_deg * _BINS / 360, axis=1, mode="wrap")
        slope = np.gradient(table, 2 * np.pi / _BINS, axis=1) / table
        tilt = 1 / np.sqrt(1 + slope**2)
        return Shape(self._grid.whole, (self.radius_mm - self._spread(table)) * self._spread(tilt))


def paint_envelope(
    canvas: Canvas, habitus: Habitus, rng: np.random.Generator, shoulder_rng: np.random.Generator | None = None
) -> tuple[Shape, Shape]:
    """Paint everything from the skin to the inner wall, and fill the cavity with fat.

    Args:
        shoulder_rng: draws the bulky shoulder muscles of a patient who has them.

    Returns:
        The cavity inside the ribs and the abdominal wall, and the outer surface of the muscles.
    """
    grid = canvas.grid
    layers = Layers(canvas, habitus)
    skin, muscle, cage = (
        layers.shape(habitus.skin_mm, 9.0),
        layers.shape(habitus.muscle_mm, 2.0),
        layers.shape(habitus.cage_mm),
    )
    muscle = Shape(muscle.box, np.maximum(muscle.distance_mm, skin.distance_mm + np.float32(3.0)))
    low, high = (-200.0, -160.0, -360.0), (200.0, 160.0, 220.0)
    axes = (grid.z_mm, grid.y_mm, grid.x_mm)
    rough = SmoothField(rng, low, high, (16.0, 16.0, 24.0)).sample(*axes)
    muscle = Shape(muscle.box, muscle.distance_mm - np.float32(1.1) * rough)
    if habitus.female:
        skin = _add_breasts(canvas, habitus, rng, skin)
    axilla = axilla_muscles(canvas, habitus, rng)
    shoulder = shoulder_muscles(canvas, habitus, shoulder_rng) if shoulder_rng else []
    skin = covered_by_skin(skin, axilla + shoulder, fat_mm=3 + 0.5 * habitus.fat_mm)
    _paint_table(canvas, skin, rng)
    canvas.paint(skin, Tissue.SKIN)
    canvas.paint(skin.grown(-1.7), Tissue.FAT)
    if habitus.female:
        _paint_glands(canvas, habitus, rng, skin)
    canvas.paint(muscle, Tissue.MUSCLE)
    _paint_fat_planes(canvas, rng, cage, muscle, rough)
    canvas.paint(cage.grown(1.0), Tissue.FAT)
    _paint_strands(canvas, rng, skin)
    paint_axilla(canvas, axilla)
    if shoulder_rng:
        paint_shoulder(canvas, shoulder, shoulder_rng)
    return cage, muscle


def _paint_strands(canvas: Canvas, rng: np.random.Generator, skin: Shape) -> None:
    """Thin septa and small vessels in all fat."""
    low, high = (-200.0, -160.0, -360.0), (200.0, 160.0, 220.0)
    grid = canvas.grid
    net = SmoothField(rng, low, high, (7.0, 7.0, 14.0)).sample(grid.z_mm, grid.y_mm, grid.x_mm)
    coverage = np.clip(1 - np.abs(net) / np.float32(0.10), 0, 1) * np.float32(0.16)
    coverage *= skin.distance_mm < -2
    canvas.paint_coverage(grid.whole, coverage, Tissue.SOFT)


def _paint_fat_planes(canvas: Canvas, rng: np.random.Generator, cage: Shape, muscle: Shape, rough: np.ndarray) -> None:
    """Fat between the muscle layers, thick in some places and absent in others."""
    low, high = (-200.0, -160.0, -360.0), (200.0, 160.0, 220.0)
    grid = canvas.grid
    where = SmoothField(rng, low, high, (26.0, 26.0, 40.0)).sample(grid.z_mm, grid.y_mm, grid.x_mm)
    pixel = np.float32(grid.pixel_mm)
    outside_ribs = cage.distance_mm - np.float32(10.0) - np.float32(0.8) * rough
    between = (outside_ribs + muscle.distance_mm) * np.float32(0.5) + np.float32(1.2) * where  # zero half-way through
    for plane, bias in ((outside_ribs, 0.7), (between, 0.35)):
        strength = np.clip(where + np.float32(bias), 0, 1.6)
        coverage = np.clip(
            (np.float32(0.4) + np.float32(1.3) * strength - np.abs(plane)) / pixel + np.float32(0.5), 0, 1
        )
        coverage *= np.minimum(strength * 2, 1)
        coverage *= (muscle.distance_mm < -1) & (cage.distance_mm > 2)
        canvas.paint_coverage(grid.whole, coverage, Tissue.FAT)


def _add_breasts(canvas: Canvas, habitus: Habitus, rng: np.random.Generator, skin: Shape) -> Shape:
    size = float(rng.uniform(8, 26))
    distance = skin.distance_mm
    for side in (-1, 1):
        centre = (side * rng.uniform(62, 76), -84 - 0.3 * size, rng.uniform(-75, -50))
        breast = ellipsoid(
            canvas.grid,
            centre,
            (52, 22 + size, 58),
            rough_mm=1.5,
            rough_length_mm=40,
            seed=int(rng.integers(2**62)),
            reach_mm=14,
        )
        part = distance[breast.box]
        blend = np.maximum(np.float32(14) - np.abs(part - breast.distance_mm), 0)
        distance[breast.box] = np.minimum(part, breast.distance_mm) - blend * blend * np.float32(0.25 / 14)
    return Shape(skin.box, distance)


def _paint_glands(canvas: Canvas, habitus: Habitus, rng: np.random.Generator, skin: Shape) -> None:
    for side in (-1, 1):
        seed = int(rng.integers(2**62))
        centre = np.array([side * rng.uniform(64, 76), -104.0, rng.uniform(-75, -52)])
        semi = np.array([rng.uniform(22, 34), rng.uniform(9, 15), rng.uniform(22, 34)])
        gland = ellipsoid(
            canvas.grid, centre, semi, rough_mm=3.5, rough_length_mm=9, seed=seed, axes=rotation(side * 20, 0)
        )
        net = canvas.grid.roughness(gland.box, seed + 1, centre - 60, centre + 60, 5.0)
        inside = np.clip(-gland.distance_mm / np.float32(4), 0, 1) * (skin.distance_mm[gland.box] < -5)
        canvas.paint_coverage(gland.box, inside * np.clip(net + np.float32(0.4), 0, 1), Tissue.GLAND)


def _paint_table(canvas: Canvas, skin: Shape, rng: np.random.Generator) -> None:
    """Curved table top under the back: foam mat, thin carbon shell, foam core."""
    grid = canvas.grid
    lying = np.nonzero((skin.distance_mm < 0).any(axis=(0, 2)))[0]
    back = float(grid.y_mm[lying[-1]]) if lying.size else 100.0
    sag = float(rng.uniform(0.0009, 0.0016))  # curvature of the shell, 1 / (2 radius)
    box = (
        slice(0, grid.shape[0]),
        slice(int(np.searchsorted(grid.y_mm, back - 90)), grid.shape[1]),
        slice(0, grid.shape[2]),
    )
    y, x = grid.y_mm[None, box[1], None], grid.x_mm[None, None, :]
    depth = (y - np.float32(back + rng.uniform(3, 8))) + np.float32(sag) * x * x  # mm below the mat's top
    within = np.clip(np.float32(210) - np.abs(x), 0, 1)
    pixel = np.float32(grid.pixel_mm)
    thick = float(rng.uniform(28, 45))
    for top, bottom, tissue in (
        (-6.0, 0.0, Tissue.FOAM),
        (0.0, thick, Tissue.FOAM),
        (0.0, 1.6, Tissue.TABLE),
        (thick, thick + 1.4, Tissue.TABLE),
    ):
        shell = np.abs(depth - np.float32((top + bottom) / 2)) - np.float32((bottom - top) / 2)
        coverage = np.clip(np.float32(0.5) - shell / pixel, 0, 1) * within
        canvas.paint_coverage(box, np.broadcast_to(coverage, (grid.shape[0], *coverage.shape[1:])), tissue)
