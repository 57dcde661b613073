"""Joins marked circles to tubes, which fill a vessel between two marked levels."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from cohorts.ct.reading import Volume
from cohorts.marks.circles import Circle

LONGEST_GAP_MM = 30.0
"""Circles of one structure that are further apart along z are not joined."""

LEVEL_MM = 0.6
"""Circles that are closer along z lie on one level."""

_STEP_MM = 0.7


def draw_tube(circles: Sequence[Circle], volume: Volume, half_slice_mm: float) -> np.ndarray:
    """Voxels of one structure, from its circles on all levels.

    Circles on neighbouring levels are joined by balls along the line between them, each circle with the nearest of the
    other level; circles of one level along their shortest chain, since an arch that is cut lengthwise has several.
    Where a vessel runs along z its end is cut flat, where it lies across it is round.

    Args:
        circles: of one structure.
        volume: the scan, which gives the grid.
        half_slice_mm: how far a circle reaches along z, half the distance of the source's slices.

    Returns:
        (slices, rows, columns) bool.
    """
    mask = np.zeros(volume.hu.shape, dtype=bool)
    for first, second in _segments(circles):
        _draw_segment(mask, volume, first, second, half_slice_mm)
    return mask


def by_level(circles: Sequence[Circle]) -> list[list[Circle]]:
    """Circles by the level that they lie on, from the feet to the head."""
    levels: list[list[Circle]] = []
    for circle in sorted(circles, key=lambda c: c.z_mm):
        if levels and circle.z_mm - levels[-1][0].z_mm < LEVEL_MM:
            levels[-1].append(circle)
        else:
            levels.append([circle])
    return levels


def _apart_mm(first: Circle, second: Circle) -> float:
    return float(np.hypot(first.x_mm - second.x_mm, first.y_mm - second.y_mm))


def _nearest(circle: Circle, others: Sequence[Circle]) -> Circle:
    return min(others, key=lambda other: _apart_mm(circle, other))


def _segments(circles: Sequence[Circle]) -> Iterator[tuple[Circle, Circle]]:
    levels = by_level(circles)
    for level in levels:
        yield from ((circle, circle) for circle in level)
        yield from _chain(level)
    for lower, upper in pairwise(levels):
        if upper[0].z_mm - lower[0].z_mm > LONGEST_GAP_MM:
            continue
        pairs = {(_nearest(circle, lower), circle) for circle in upper}
        pairs |= {(circle, _nearest(circle, upper)) for circle in lower}
        yield from (pair for pair in pairs if _apart_mm(*pair) < 2.5 * max(c.radius_mm for c in pair))


def _chain(level: list[Circle]) -> Iterator[tuple[Circle, Circle]]:
    """Join the circles of one level by their shortest spanning tree, where they nearly touch."""
    joined, open_ends = level[:1], level[1:]
    while open_ends:
        start, end = min(((a, b) for a in joined for b in open_ends), key=lambda pair: _apart_mm(*pair))
        if _apart_mm(start, end) < 1.6 * (start.radius_mm + end.radius_mm):
            yield start, end
        joined.append(end)
        open_ends.remove(end)


def _draw_segment(mask: np.ndarray, volume: Volume, first: Circle, second: Circle, half_slice_mm: float) -> None:
    ends = np.array([[c.z_mm, c.y_mm, c.x_mm, c.radius_mm] for c in (first, second)])
    length_mm = float(np.linalg.norm(ends[1, :3] - ends[0, :3]))
    across = 0.0 if length_mm == 0 else float(np.linalg.norm(ends[1, 1:3] - ends[0, 1:3])) / length_mm
    spacing, origin = np.array(volume.spacing_mm), np.array(volume.origin_mm[::-1])
    for share in np.linspace(0, 1, max(2, round(length_mm / _STEP_MM) + 1)):
        z, y, x, radius = ends[0] + share * (ends[1] - ends[0])
        reach_mm = max(half_slice_mm, across * radius)  # along z
        low = np.floor((np.array([z - reach_mm, y - radius, x - radius]) - origin) / spacing).astype(int)
        high = np.ceil((np.array([z + reach_mm, y + radius, x + radius]) - origin) / spacing).astype(int) + 1
        low, high = np.maximum(low, 0), np.minimum(high, mask.shape)
        if (low >= high).any():
            continue
        axes = [(np.arange(a, b) * s + o) for a, b, s, o in zip(low, high, spacing, origin, strict=True)]
        dz, dy, dx = np.ix_(axes[0] - z, axes[1] - y, axes[2] - x)
        flat = np.abs(dz) <= reach_mm + 1e-6
        ball = dy**2 + dx**2 + across**2 * dz**2 <= radius**2
        mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] |= ball & flat
