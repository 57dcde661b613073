"""What an operation leaves behind: the stent-graft in a vessel, wires in the sternum, scar instead of fat."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Shape, smooth_line, tube, tube_with_position
from cohorts.phantom.atlas.tissues import Tissue
from cohorts.phantom.atlas.vessel_coordinates import vessel_coordinates

_METAL_ABOVE_CALCIUM_HU = 1800.0
_FAT_HU, _SCAR_HU = (-200.0, 20.0), 38.0


def paint_stent(canvas: Canvas, habitus: Habitus, lumen: np.ndarray, index: int, rng: np.random.Generator) -> None:
    """Rings of zigzag wire along a lumen, a stent-graft's struts: in an axial slice a circle of bright dots.

    Args:
        canvas: volumes to paint on.
        habitus: the patient's build.
        lumen: (n, 4) line of the lumen with its radius, see `smooth_line`.
        index: point of the line in the stent's middle.
        rng: source of the device's size.
    """
    mm = 1 / habitus.scale  # a device is as large in every patient
    half_length, pitch, reach, wire = rng.uniform((45, 11, 3, 0.35), (110, 20, 7, 0.6)) * mm
    peaks, start = int(rng.integers(7, 13)), float(rng.uniform(0, 2 * np.pi))
    turns = rng.uniform(0, 2 * np.pi, 64)
    vessel, position = tube_with_position(canvas.grid, lumen)
    if vessel.distance_mm.size == 0 or position is None:
        return
    at = vessel_coordinates(canvas.grid, vessel, position, lumen, np.full(len(lumen), start))
    along_mm = at.arc_mm - at.arc_of(index) + np.float32(half_length)
    ring = np.clip(np.floor(along_mm / np.float32(pitch)), 0, len(turns) - 1).astype(int)
    angle = np.arctan2(at.v_mm, at.u_mm) * peaks + turns.astype(np.float32)[ring]
    zigzag = np.float32(2 / np.pi) * np.arcsin(np.sin(angle))  # a triangle wave, -1 to 1
    slope = np.float32(2 * reach * peaks / np.pi) / np.maximum(at.radius_mm, 1)
    apart = along_mm - (ring + np.float32(0.5)) * np.float32(pitch) - np.float32(reach) * zigzag
    strut = np.hypot(vessel.distance_mm, apart / np.sqrt(1 + slope * slope)) - np.float32(wire)
    inside = np.abs(along_mm - np.float32(half_length)) < half_length
    wires = Shape(vessel.box, np.where(inside, strut, np.float32(50)))
    canvas.paint(wires, Tissue.CALCIUM, offset_hu=_METAL_ABOVE_CALCIUM_HU)


def paint_sternal_wires(canvas: Canvas, habitus: Habitus, rng: np.random.Generator) -> None:
    """Loops of steel wire around the sternum."""
    count = int(rng.integers(5, 8))
    levels = np.linspace(28, -80, count) + rng.normal(0, 2, count)
    tilts, radius = rng.normal(0, 0.1, count), float(rng.uniform(0.35, 0.6)) / habitus.scale
    for level, tilt in zip(levels, tilts, strict=True):
        turn = np.linspace(0, 2 * np.pi, 25)
        side = 13 * np.cos(turn)
        front = habitus.on_cage(np.zeros_like(turn), np.full_like(turn, level), 6.5)
        loop = [
            (x, y - 7.5 * np.sin(angle), level + tilt * x, radius)
            for x, y, angle in zip(side, front[:, 1], turn, strict=True)
        ]
        canvas.paint(tube(canvas.grid, smooth_line(loop, 3)), Tissue.CALCIUM, offset_hu=_METAL_ABOVE_CALCIUM_HU)


def scar(canvas: Canvas, space: Shape, rng: np.random.Generator) -> None:
    """Replace a share of a space's fat by scar, in both phases; nothing separates the vessels in it any more."""
    share = np.float32(rng.uniform(0.3, 1.0))
    unenhanced, arterial = canvas.unenhanced_hu[space.box], canvas.arterial_hu[space.box]
    fat = (space.distance_mm < 0) & (unenhanced > _FAT_HU[0]) & (unenhanced < _FAT_HU[1])
    gain = np.where(fat, share * (np.float32(_SCAR_HU) - unenhanced), np.float32(0))
    unenhanced += gain
    arterial += gain
