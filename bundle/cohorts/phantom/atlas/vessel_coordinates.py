"""Where a voxel lies in a vessel: how far along it, and where across it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohorts.phantom.atlas.shapes import Grid, Shape, arc_length_mm


@dataclass(frozen=True)
class VesselCoordinates:
    """Coordinates of the voxels in a vessel's box, each (z, y, x) float32.

    Attributes:
        u_mm, v_mm: across the vessel, from its middle.
        arc_mm: along the vessel, from its start.
        radius_mm: of the vessel there.
        line_arc_mm: arc of the line's points.
    """

    u_mm: np.ndarray
    v_mm: np.ndarray
    arc_mm: np.ndarray
    radius_mm: np.ndarray
    line_arc_mm: np.ndarray

    def arc_of(self, index: int) -> np.float32:
        """Arc of a point of the line."""
        return np.float32(self.line_arc_mm[index])


def vessel_coordinates(
    grid: Grid, vessel: Shape, position: np.ndarray, line: np.ndarray, angle: np.ndarray
) -> VesselCoordinates:
    """Coordinates around a line.

    Args:
        grid: voxel grid.
        vessel, position: of `tube_with_position`.
        line: (n, 4) x, y, z and radius.
        angle: direction of u at each point of the line, in rad from +x towards +y.
    """
    arc = arc_length_mm(line)
    steps = np.arange(len(line))
    x, y, z = grid.at(vessel.box)

    def along(values: np.ndarray) -> np.ndarray:
        return np.interp(position, steps, values).astype(np.float32)

    tangent = np.gradient(line[:, :3], axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    normal = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=1)
    normal -= (normal * tangent).sum(axis=1, keepdims=True) * tangent
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    side = np.cross(tangent, normal)
    delta = (x - along(line[:, 0]), y - along(line[:, 1]), z - along(line[:, 2]))
    return VesselCoordinates(
        u_mm=sum(d * along(normal[:, k]) for k, d in enumerate(delta)),
        v_mm=sum(d * along(side[:, k]) for k, d in enumerate(delta)),
        arc_mm=along(arc),
        radius_mm=along(line[:, 3]),
        line_arc_mm=arc,
    )
