"""Bright things that are no enhanced blood, put into a plain scan: supports, cables, bowel, stones, implants.

Places are told by the body: down from its front (0) to its back (1), across from its right side (-1) to its left (1),
up from the lowest slice (0) to the highest (1). HU and sizes are those of textbooks.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from operators.dicom_loader.body import CoarseBody


@dataclass(frozen=True)
class Grid:
    """Coordinates of each voxel of a coarse volume, (z, y, x).

    Attributes:
        up_mm: height over the lowest slice.
        down_mm: depth below the front of the body of its slice.
        across_mm: distance to the middle of the body of its slice, positive on its left.
        body: size of the body: height, depth and half the width in mm.
    """

    up_mm: np.ndarray
    down_mm: np.ndarray
    across_mm: np.ndarray
    body: tuple[float, float, float]

    def ball(self, place: tuple[float, float, float], radii_mm: tuple[float, float, float]) -> np.ndarray:
        """Ellipsoid at a place (up, down, across) of the body."""
        parts = zip((self.up_mm, self.down_mm, self.across_mm), place, self.body, radii_mm, strict=True)
        squares = [((along_mm - share * size_mm) / radius_mm) ** 2 for along_mm, share, size_mm, radius_mm in parts]
        return np.sum(squares, axis=0) < 1


def grid_of(body: CoarseBody) -> Grid:
    """Coordinates of a volume after its middle slice."""
    middle = body.mask[len(body.mask) // 2]
    rows, columns = np.flatnonzero(middle.any(axis=1)), np.flatnonzero(middle.any(axis=0))
    z, y, x = (np.arange(size) * step_mm for size, step_mm in zip(body.hu.shape, body.spacing_mm, strict=True))
    up_mm, down_mm, across_mm = np.meshgrid(
        z, y - rows[0] * body.spacing_mm[1], x - (columns[0] + columns[-1]) / 2 * body.spacing_mm[2], indexing="ij"
    )
    size = float(z[-1]), len(rows) * body.spacing_mm[1], len(columns) / 2 * body.spacing_mm[2]
    return Grid(up_mm, down_mm, across_mm, size)


def _shell(grid: Grid) -> np.ndarray:
    """A plastic shell of 8 mm below and beside the body, which lies in it."""
    _, depth_mm, half_mm = grid.body
    distance = np.hypot((grid.down_mm - depth_mm / 2) / (depth_mm / 2 + 3), grid.across_mm / (half_mm + 3))
    outer = np.hypot((grid.down_mm - depth_mm / 2) / (depth_mm / 2 + 11), grid.across_mm / (half_mm + 11))
    return (distance > 1) & (outer < 1) & (grid.down_mm > depth_mm / 2)


def _cables(grid: Grid) -> np.ndarray:
    return np.logical_or.reduce([grid.ball((0.5, -0.02, across), (1e4, 3, 3)) for across in (-0.4, 0.0, 0.3)])


THINGS: dict[str, tuple[float, Callable[[Grid], np.ndarray]]] = {
    "headrest": (150, _shell),
    "table": (120, lambda grid: np.abs(grid.down_mm - grid.body[1] - 10) < 4),
    "arm supports": (
        200,
        lambda grid: grid.ball((0.5, 0.5, -1.08), (1e4, 60, 10)) | grid.ball((0.5, 0.5, 1.08), (1e4, 60, 10)),
    ),
    "ECG cables": (1500, _cables),
    "oral contrast": (
        250,
        lambda grid: grid.ball((0.2, 0.3, 0.4), (30, 25, 40)) | grid.ball((0.1, 0.35, -0.45), (25, 25, 30)),
    ),
    "swallowed contrast": (400, lambda grid: grid.ball((0.5, 0.45, 0.0), (60, 9, 10))),
    "thyroid": (115, lambda grid: grid.ball((0.97, 0.3, -0.12), (25, 9, 9)) | grid.ball((0.97, 0.3, 0.12), (25, 9, 9))),
    "fresh haematoma": (75, lambda grid: grid.ball((0.3, 0.6, 0.5), (40, 30, 35))),
    "kidney stones": (
        1100,
        lambda grid: grid.ball((0.1, 0.65, -0.4), (8, 8, 8)) | grid.ball((0.1, 0.65, 0.4), (12, 12, 12)),
    ),
    "pacemaker": (3071, lambda grid: grid.ball((0.8, 0.12, 0.5), (22, 6, 22))),
    "dense liver": (120, lambda grid: grid.ball((0.2, 0.32, -0.3), (40, 50, 85))),
    "calcified aorta": (
        700,
        lambda grid: grid.ball((0.3, 0.6, 0.05), (40, 12, 12)) & ~grid.ball((0.3, 0.6, 0.05), (60, 9, 9)),
    ),
}
"""HU of each thing and where it is."""


def with_object(body: CoarseBody, name: str) -> CoarseBody:
    """The same scan with a thing in it."""
    hu, place = THINGS[name]
    return CoarseBody(np.where(place(grid_of(body)), np.float32(hu), body.hu), body.spacing_mm)
