"""Shapes as signed distances in mm (negative inside), evaluated only in their bounding box on the voxel grid.

Points and sizes are (x, y, z) in mm: x to the patient's left, y to posterior, z to the head. Arrays are (z, y, x).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from cohorts.phantom.atlas.smooth_noise import SmoothField

FAR_MM = 1e3
Box = tuple[slice, ...]
Point = Sequence[float] | np.ndarray
"""x, y, z."""


@dataclass(frozen=True)
class Shape:
    """Signed distance on a box of the grid; empty when the shape lies outside the grid."""

    box: Box
    distance_mm: np.ndarray  # (z, y, x) float32

    def grown(self, margin_mm: float) -> Shape:
        """The shape with its surface moved outwards (inwards when negative)."""
        return Shape(self.box, self.distance_mm - np.float32(margin_mm))


class Grid:
    """Voxel centres in mm, bent by a smooth warp in plane so that no shape stays a perfect ellipse.

    Args:
        z_mm, y_mm, x_mm: 1-D coordinates of the voxel centres.
        warp_x, warp_y: fields of unit SD.
        warp_mm: SD of the warp.
    """

    def __init__(self, z_mm, y_mm, x_mm, warp_x: SmoothField, warp_y: SmoothField, warp_mm: float) -> None:
        self.z_mm = np.asarray(z_mm, np.float32)
        self.y_mm = np.asarray(y_mm, np.float32)
        self.x_mm = np.asarray(x_mm, np.float32)
        axes = (self.z_mm, self.y_mm, self.x_mm)
        self.x = np.clip(warp_x.sample(*axes), -2.5, 2.5) * np.float32(warp_mm) + self.x_mm[None, None, :]  # (z, y, x)
        self.y = np.clip(warp_y.sample(*axes), -2.5, 2.5) * np.float32(warp_mm) + self.y_mm[None, :, None]  # (z, y, x)
        self._margin_mm = 2.5 * warp_mm
        self.pixel_mm = float(self.x_mm[1] - self.x_mm[0])

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.z_mm.size, self.y_mm.size, self.x_mm.size

    @property
    def whole(self) -> Box:
        nz, ny, nx = self.shape
        return slice(0, nz), slice(0, ny), slice(0, nx)

    def box(self, low_mm: Point, high_mm: Point) -> Box:
        """Smallest box of voxels that surely holds all warped points between two corners (x, y, z)."""
        spans = []
        for axis_mm, low, high, margin in (
            (self.z_mm, low_mm[2], high_mm[2], 0.0),
            (self.y_mm, low_mm[1], high_mm[1], self._margin_mm),
            (self.x_mm, low_mm[0], high_mm[0], self._margin_mm),
        ):
            start = int(np.searchsorted(axis_mm, low - margin))
            stop = int(np.searchsorted(axis_mm, high + margin))
            spans.append(slice(start, max(start, stop)))
        return tuple(spans)

    def meets(self, line: np.ndarray, reach_mm: float) -> bool:
        """Whether a slice lies within reach of a tube along a line (n, 4); x and y are not looked at."""
        reach_mm += float(line[:, 3].max())
        low, high = np.searchsorted(self.z_mm, (line[:, 2].min() - reach_mm, line[:, 2].max() + reach_mm))
        return bool(low < high)

    def at(self, box: Box) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Warped x, y (z, y, x) and straight z (z, 1, 1) in a box."""
        return self.x[box], self.y[box], self.z_mm[box[0], None, None]

    def roughness(self, box: Box, seed: int, low_mm, high_mm, length_mm: float) -> np.ndarray:
        """Unit-SD noise that belongs to a shape: anchored at its corners, the same on every grid."""
        field = SmoothField(np.random.default_rng(seed), low_mm, high_mm, length_mm)
        return field.sample(self.z_mm[box[0]], self.y_mm[box[1]], self.x_mm[box[2]])


def ellipsoid(
    grid: Grid,
    centre: Point,
    semi_axes: Point,
    *,
    axes: np.ndarray | None = None,
    rough_mm: float = 0.0,
    rough_length_mm: float = 14.0,
    seed: int = 0,
    reach_mm: float = 5.0,
) -> Shape:
    """Ellipsoid with a rough surface.

    Args:
        grid: voxel grid.
        centre: (x, y, z) in mm.
        semi_axes: half lengths along the three axes in mm.
        axes: (3, 3) rows are the unit directions (x, y, z) of the semi-axes; the coordinate axes when None.
        rough_mm: SD of the bumps on the surface.
        rough_length_mm: size of the bumps.
        seed: seed of the bumps.
        reach_mm: distance beyond the surface that the box still covers.
    """
    centre = np.asarray(centre, np.float64)
    semi = np.asarray(semi_axes, np.float64)
    half = semi if axes is None else np.sqrt(((np.asarray(axes) * semi[:, None]) ** 2).sum(axis=0))
    reach = reach_mm + 2.5 * rough_mm
    low, high = centre - half - reach, centre + half + reach
    box = grid.box(low, high)
    x, y, z = grid.at(box)
    dx, dy, dz = x - np.float32(centre[0]), y - np.float32(centre[1]), z - np.float32(centre[2])
    if axes is not None:
        m = np.asarray(axes, np.float32)
        dx, dy, dz = (m[i, 0] * dx + m[i, 1] * dy + m[i, 2] * dz for i in range(3))
    a, b, c = (np.float32(v) for v in semi)
    dx, dy, dz = dx / a, dy / b, dz / c
    radius = np.sqrt(dx * dx + dy * dy + dz * dz)
    slope = np.sqrt((dx / a) ** 2 + (dy / b) ** 2 + (dz / c) ** 2) + np.float32(1e-6)
    distance = radius * (radius - 1) / slope  # first-order distance (Quilez, "ellipsoid SDF")
    if rough_mm:
        distance -= np.float32(rough_mm) * grid.roughness(box, seed, low, high, rough_length_mm)
    return Shape(box, distance)


def arc_length_mm(line: np.ndarray) -> np.ndarray:
    """Length along a line (n, >= 3) up to each of its points."""
    return np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line[:, :3], axis=0), axis=1))])


def smooth_line(points: Sequence[Point] | np.ndarray, step_mm: float = 4.0) -> np.ndarray:
    """Points (n, k) on a cubic spline through `points`, about `step_mm` apart; more columns (radius) follow along."""
    nodes = np.asarray(points, np.float64)
    apart = np.linalg.norm(np.diff(nodes[:, :3], axis=0), axis=1) > 1e-6
    nodes = nodes[np.concatenate([[True], apart])]  # a spline needs distinct points
    arc = arc_length_mm(nodes)
    count = max(int(np.ceil(arc[-1] / step_mm)) + 1, 2)
    where = np.linspace(0, arc[-1], count)
    if len(nodes) <= 2:
        return np.stack([np.interp(where, arc, nodes[:, k]) for k in range(nodes.shape[1])], axis=1)
    return CubicSpline(arc, nodes, bc_type="natural")(where)


def tube(
    grid: Grid,
    line: np.ndarray,
    *,
    z_scale: float = 1.0,
    rough_mm: float = 0.0,
    rough_length_mm: float = 12.0,
    seed: int = 0,
    reach_mm: float = 3.0,
) -> Shape:
    """Tube swept along a line.

    Args:
        grid: voxel grid.
        line: (n, 4) x, y, z and radius in mm, see `smooth_line`.
        z_scale: below 1 the cross-section is taller along z by 1 / z_scale (ribs).
        rough_mm, rough_length_mm, seed: bumps of the surface.
        reach_mm: distance beyond the surface that the box still covers.
    """
    return tube_with_position(grid, line, z_scale, rough_mm, rough_length_mm, seed, reach_mm, False)[0]


def tube_with_position(
    grid: Grid,
    line: np.ndarray,
    z_scale=1.0,
    rough_mm=0.0,
    rough_length_mm=12.0,
    seed=0,
    reach_mm=3.0,
    with_position=True,
) -> tuple[Shape, np.ndarray | None]:
    """Like `tube`, and for each voxel the position along the line (index of the line's points, fractional)."""
    line = np.asarray(line, np.float64)
    reach = reach_mm + 2.5 * rough_mm
    pad = line[:, 3:4] + reach
    pad = pad * np.array([1, 1, 1 / z_scale])
    low_all, high_all = (line[:, :3] - pad).min(axis=0), (line[:, :3] + pad).max(axis=0)
    box = grid.box(low_all, high_all)
    shape = tuple(s.stop - s.start for s in box)
    distance = np.full(shape, FAR_MM, np.float32)
    position = np.zeros(shape, np.float32) if with_position else None
    if distance.size:
        k = np.float32(z_scale)
        for i in range(len(line) - 1):
            ends = line[i : i + 2]
            low = (ends[:, :3] - pad[i : i + 2]).min(axis=0)
            high = (ends[:, :3] + pad[i : i + 2]).max(axis=0)
            part = grid.box(low, high)
            if any(s.stop <= s.start for s in part):
                continue
            x, y, z = grid.at(part)
            a, b = ends[0], ends[1]
            direction = (b[:3] - a[:3]) * np.array([1, 1, z_scale])
            square = float(direction @ direction) + 1e-9
            ux, uy, uz = (np.float32(v / square) for v in direction)
            dx, dy, dz = x - np.float32(a[0]), y - np.float32(a[1]), (z - np.float32(a[2])) * k
            along = np.clip(dx * ux + dy * uy + dz * uz, 0, 1)
            vx, vy, vz = (np.float32(v) for v in direction)
            dx = dx - along * vx
            dy = dy - along * vy
            dz = dz - along * vz
            here = np.sqrt(dx * dx + dy * dy + dz * dz) - (np.float32(a[3]) + along * np.float32(b[3] - a[3]))
            local = tuple(slice(p.start - q.start, p.stop - q.start) for p, q in zip(part, box, strict=True))
            if position is not None:
                closer = here < distance[local]
                position[local][closer] = (along + np.float32(i))[closer]
            np.minimum(distance[local], here, out=distance[local])
        if rough_mm:
            distance -= np.float32(rough_mm) * grid.roughness(box, seed, low_all, high_all, rough_length_mm)
    return Shape(box, distance), position


def _is_empty(box: Box) -> bool:
    return any(s.stop <= s.start for s in box)


def _local(part: Box, whole: Box) -> Box:
    return tuple(slice(p.start - w.start, p.stop - w.start) for p, w in zip(part, whole, strict=True))


def overlap(a: Box, b: Box) -> Box:
    """Box common to two boxes; empty when they do not meet."""
    starts = [max(p.start, q.start) for p, q in zip(a, b, strict=True)]
    stops = [min(p.stop, q.stop) for p, q in zip(a, b, strict=True)]
    return tuple(slice(start, max(start, stop)) for start, stop in zip(starts, stops, strict=True))


def on_box(shape: Shape, box: Box) -> np.ndarray:
    """Distances of a shape on another box, far away where the shape's own box ends."""
    distance = np.full(tuple(s.stop - s.start for s in box), FAR_MM, np.float32)
    common = overlap(shape.box, box)
    if not _is_empty(common):
        distance[_local(common, box)] = shape.distance_mm[_local(common, shape.box)]
    return distance


def union(shapes: Sequence[Shape], blend_mm: float = 0.0) -> Shape:
    """Union; with `blend_mm` the crevices between the parts are filled (polynomial smooth minimum)."""
    filled = [s for s in shapes if not _is_empty(s.box)]
    if not filled:
        return shapes[0]
    box = tuple(slice(min(s.box[i].start for s in filled), max(s.box[i].stop for s in filled)) for i in range(3))
    distance = on_box(filled[0], box)
    for shape in filled[1:]:
        local = _local(shape.box, box)
        a, b = distance[local], shape.distance_mm
        if blend_mm:
            h = np.maximum(np.float32(blend_mm) - np.abs(a - b), 0)
            distance[local] = np.minimum(a, b) - h * h * np.float32(0.25 / blend_mm)
        else:
            np.minimum(a, b, out=a)
    return Shape(box, distance)


def common(a: Shape, b: Shape) -> Shape:
    """Intersection."""
    box = overlap(a.box, b.box)
    return Shape(box, np.maximum(on_box(a, box), on_box(b, box)))


def without(a: Shape, b: Shape) -> Shape:
    """The part of `a` that is not in `b`."""
    box = overlap(a.box, b.box)
    distance = a.distance_mm.copy()
    if not _is_empty(box):
        local = _local(box, a.box)
        distance[local] = np.maximum(distance[local], -on_box(b, box))
    return Shape(a.box, distance)


def halfspace(a: Shape, grid: Grid, normal: Point, offset_mm: float) -> Shape:
    """The part of `a` where normal . (x, y, z) is below the offset; `normal` is a unit vector."""
    x, y, z = grid.at(a.box)
    plane = np.float32(normal[0]) * x + np.float32(normal[1]) * y + np.float32(normal[2]) * z - np.float32(offset_mm)
    return Shape(a.box, np.maximum(a.distance_mm, plane))


def rotation(azimuth_deg: float, elevation_deg: float, roll_deg: float = 0.0) -> np.ndarray:
    """Axes (3, 3) whose first row points to azimuth (from +x towards +y) and elevation (towards +z)."""
    a, e, r = np.radians([azimuth_deg, elevation_deg, roll_deg])
    first = np.array([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)])
    second = np.array([-np.sin(a), np.cos(a), 0.0])
    third = np.cross(first, second)
    return np.stack([first, np.cos(r) * second + np.sin(r) * third, -np.sin(r) * second + np.cos(r) * third])
