"""The two noise-free volumes and the label map that the anatomy is painted on."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.shapes import Box, Grid, Shape
from cohorts.phantom.atlas.tissues import ORGAN, PatientAttenuation, Tissue
from scripts.organs import Organ
from scripts.structures import Structure


class Canvas:
    """Paints shapes with partial volume: a voxel cut by a surface takes the mean of both sides.

    Args:
        grid: voxel grid in mm.
        attenuation: the patient's HU of each tissue.
    """

    def __init__(self, grid: Grid, attenuation: dict[Tissue, PatientAttenuation]) -> None:
        self.grid = grid
        self.attenuation = attenuation
        air = attenuation[Tissue.AIR].unenhanced_hu
        self.unenhanced_hu = np.full(grid.shape, air, np.float32)
        self.arterial_hu = np.full(grid.shape, air, np.float32)
        self.structures = np.full(grid.shape, Structure.OUTSIDE, np.uint8)
        self.organs = np.full(grid.shape, Organ.OTHER, np.uint8)

    def paint(self, shape: Shape, tissue: Tissue, opacity: float = 1.0, offset_hu: float = 0.0) -> None:
        """Fill a shape with a tissue over what is already there; `offset_hu` is added to the tissue in both phases."""
        coverage = shape.distance_mm * np.float32(-1 / self.grid.pixel_mm)
        coverage += np.float32(0.5)
        np.clip(coverage, 0, 1, out=coverage)
        if opacity < 1:
            coverage *= np.float32(opacity)
        self.paint_coverage(shape.box, coverage, tissue, offset_hu)

    def paint_coverage(
        self, box: Box, coverage: np.ndarray, tissue: Tissue, offset_hu: np.ndarray | float = 0.0
    ) -> None:
        """Fill a box in proportion to `coverage` (0 to 1); `offset_hu` is added to the tissue in both phases."""
        if coverage.size == 0:
            return
        hu = self.attenuation[tissue]
        for volume, value in ((self.unenhanced_hu, hu.unenhanced_hu), (self.arterial_hu, hu.arterial_hu)):
            part = volume[box]
            change = np.float32(value) + offset_hu - part
            change *= coverage
            part += change
        painted = coverage >= 0.5
        self.structures[box][painted] = hu.structure
        self.organs[box][painted] = ORGAN.get(tissue, Organ.OTHER)

    def paint_bone(self, shape: Shape, cortex_mm: float) -> None:
        """Fill a shape with trabecular bone under a cortex."""
        self.paint(shape, Tissue.CORTEX)
        self.paint(shape.grown(-cortex_mm), Tissue.TRABECULAR)
