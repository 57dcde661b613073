"""The patient in a volume, on a coarse grid: what is body, lung and bone, and where the midline is.

Table, headrest, arm supports and cables do not belong to the body; the image checks look only inside the body.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from operators.dicom_loader.plane_morphology import filled_holes

GRID_MM = 3.0
"""The volume is averaged to this grid or a finer one, which lowers the noise of thin slices."""

_BODY_HU = -250.0
_AIR_HU = -500.0
_BONE_HU = 200.0
_THIN_MM = 3.0
"""Half the thickness of what an opening takes off the body, and some more: table tops, shells of headrests, cables."""

_WALL_MM = 12.0
"""How far the body extends beyond its thick parts: chest walls are thin at the edge of a small field of view."""

_MIN_LUNG_SHARE = 0.12
"""Share of lung in a cross-section from which the slice counts as chest."""

_MIDDLE_MM = 15.0
"""Half the width of the strip in which front and back of a slice are taken."""

_MIN_TRUNK_CM2 = 220.0
"""Cross-sections below it are neck, limb or a small child."""


@dataclass(frozen=True)
class CoarseBody:
    """A volume at about 3 mm, its axes along the patient: (feet to head, front to back, right to left).

    Attributes:
        hu: (z, y, x) block means in HU.
        spacing_mm: (z, y, x) distance of grid points.
    """

    hu: np.ndarray
    spacing_mm: tuple[float, float, float]

    @property
    def voxel_ml(self) -> float:
        """Volume of a grid point."""
        return float(np.prod(self.spacing_mm)) / 1000

    @property
    def pixel_cm2(self) -> float:
        """Area of a grid point in its slice."""
        return self.spacing_mm[1] * self.spacing_mm[2] / 100

    @cached_property
    def mask(self) -> np.ndarray:
        """(z, y, x) the patient with everything inside, without thin objects that touch the body."""
        solid = self.hu > _BODY_HU
        size = (1, *(2 * max(1, round(_THIN_MM / side_mm)) + 1 for side_mm in self.spacing_mm[1:]))
        # mode: the image border is not a surface, the body may continue behind it
        eroded = ndimage.minimum_filter(solid, size, mode="nearest")
        labels, count = ndimage.label(eroded)
        if not count:
            return np.zeros_like(solid)
        largest = labels == 1 + int(np.bincount(labels.ravel())[1:].argmax())
        cross = ndimage.generate_binary_structure(2, 1)[None]
        steps = round(_WALL_MM / self.spacing_mm[1])
        near = ndimage.binary_dilation(largest, cross, iterations=steps, mask=solid)
        return np.stack([_filled(plane) for plane in near])

    @cached_property
    def lung(self) -> np.ndarray:
        """(z, y, x) air inside the body."""
        return self.mask & (self.hu < _AIR_HU)

    @cached_property
    def area_cm2(self) -> np.ndarray:
        """Cross-section of each slice."""
        return self.mask.sum(axis=(1, 2)) * self.pixel_cm2

    @cached_property
    def is_trunk(self) -> np.ndarray:
        """Whether each slice is large enough for chest or abdomen."""
        return self.area_cm2 >= _MIN_TRUNK_CM2

    @cached_property
    def is_chest(self) -> np.ndarray:
        """Whether each slice shows lungs."""
        share = self.lung.sum(axis=(1, 2)) / np.maximum(self.mask.sum(axis=(1, 2)), 1)
        return self.is_trunk & (share >= _MIN_LUNG_SHARE)

    @cached_property
    def left_of_middle_mm(self) -> np.ndarray:
        """(z, x) distance of each column to the middle of the body in its slice, positive on the patient's left."""
        x_mm = np.arange(self.hu.shape[2]) * self.spacing_mm[2]
        columns = self.mask.sum(axis=1)
        return x_mm - (columns @ x_mm / np.maximum(1, columns.sum(axis=1)))[:, None]

    def from_back(self, index: int) -> np.ndarray:
        """(y,) how far each row of a slice lies from the back of the body, 0, to its front, 1; in its middle columns.

        Args:
            index: of the slice; where it shows no body every row lies far behind.
        """
        middle = np.abs(self.left_of_middle_mm[index]) < _MIDDLE_MM
        rows = np.flatnonzero(self.mask[index][:, middle].any(axis=1))
        if len(rows) < 2:
            return np.full(self.hu.shape[1], -np.inf)
        return (rows[-1] - np.arange(self.hu.shape[1])) / (rows[-1] - rows[0])

    @cached_property
    def depth_mm(self) -> np.ndarray:
        """(z, y, x) distance to the skin in the slice; the border of the image is none."""
        padded = np.pad(self.mask, ((0, 0), (1, 1), (1, 1)), mode="edge")
        distance = [ndimage.distance_transform_edt(plane, self.spacing_mm[1:]) for plane in padded]
        return np.stack(distance)[:, 1:-1, 1:-1]


def coarse_body(hu: np.ndarray, affine_lps: np.ndarray) -> CoarseBody:
    """Average a volume and turn it along the patient.

    Args:
        hu: (slice, row, column) volume in HU.
        affine_lps: (4, 4) matrix from (column, row, slice, 1) to mm in LPS.

    Returns:
        The coarse volume.
    """
    spacing_mm = np.linalg.norm(affine_lps[:3, :3], axis=0)[::-1]  # (slice, row, column)
    wanted = [max(1, int(GRID_MM / step_mm)) for step_mm in spacing_mm]
    block = [min(step, size) for step, size in zip(wanted, hu.shape, strict=True)]  # a stack may be thinner
    averaged = block_means(hu, block)
    directions = (affine_lps[:3, :3] / np.linalg.norm(affine_lps[:3, :3], axis=0))[:, ::-1]  # of (slice, row, column)
    patient_axes = [int(np.abs(directions[axis]).argmax()) for axis in (2, 1, 0)]  # z, y, x
    if len(set(patient_axes)) < 3:  # slices turned by 45 degrees: any order will do
        patient_axes = [0, 1, 2]
    signs = [directions[axis, index] for axis, index in zip((2, 1, 0), patient_axes, strict=True)]
    turned = averaged.transpose(patient_axes)[tuple(slice(None, None, 1 if sign >= 0 else -1) for sign in signs)]
    sides_mm = [float(spacing_mm[index] * block[index]) for index in patient_axes]
    return CoarseBody(np.ascontiguousarray(turned), (sides_mm[0], sides_mm[1], sides_mm[2]))


def block_means(hu: np.ndarray, block: list[int]) -> np.ndarray:
    """Means over blocks of (slice, row, column) voxels, float32; what is left at the ends is dropped."""
    shape = [size // step for size, step in zip(hu.shape, block, strict=True)]
    total_hu = np.zeros(shape, dtype=np.float32)
    for offset in np.ndindex(*block):
        places = tuple(
            slice(start, start + size * step, step) for start, size, step in zip(offset, shape, block, strict=True)
        )
        total_hu += hu[places]
    return total_hu / np.float32(np.prod(block))


def _filled(plane: np.ndarray) -> np.ndarray:
    """Fill the holes of a cross-section; a side of the image that cuts the body closes it."""
    padded = np.pad(plane, 1)
    for side, edge in ((padded[:, 0], plane[:, 0]), (padded[:, -1], plane[:, -1])):
        side[1:-1] = _between(edge)
    for side, edge in ((padded[0], plane[0]), (padded[-1], plane[-1])):
        side[1:-1] = _between(edge)
    return filled_holes(padded)[1:-1, 1:-1]


def _between(edge: np.ndarray) -> np.ndarray:
    """All points from the first to the last that is set."""
    return np.logical_or.accumulate(edge) & np.logical_or.accumulate(edge[::-1])[::-1]


def cross_sections(plane_hu: np.ndarray) -> list[np.ndarray]:
    """The bodies in a slice, largest first, filled; (y, x) each.

    Args:
        plane_hu: (y, x) slice of a coarse volume.
    """
    thick = ndimage.binary_opening(_filled(plane_hu > _BODY_HU), np.ones((3, 3), dtype=bool))
    labels, count = ndimage.label(thick)
    order = np.argsort(np.bincount(labels.ravel(), minlength=count + 1)[1:])[::-1] + 1
    return [labels == label for label in order]
