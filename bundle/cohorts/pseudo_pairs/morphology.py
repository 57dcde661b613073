"""Binary morphology in millimetres on (slice, row, column) masks, by SimpleITK."""

from collections.abc import Callable

import numpy as np
import SimpleITK as sitk


def radius_voxels(radius_mm: float, spacing_mm: tuple[float, float, float]) -> tuple[int, int, int]:
    """Radius in voxels, in SimpleITK's order (column, row, slice)."""
    slices, rows, columns = (round(radius_mm / step) for step in spacing_mm)
    return columns, rows, slices


def _image(mask: np.ndarray) -> sitk.Image:
    return sitk.GetImageFromArray(mask.astype(np.uint8))


def _mask(image: sitk.Image) -> np.ndarray:
    return sitk.GetArrayViewFromImage(image).astype(bool)


def _in_box(
    mask: np.ndarray, radius: tuple[int, int, int], operation: Callable[[sitk.Image], sitk.Image]
) -> np.ndarray:
    """Run `operation` on the part of the volume that the mask can reach; the rest of a large volume costs nothing."""
    result = np.zeros(mask.shape, bool)
    if mask.any():
        box = bounding_box(mask, tuple(r + 1 for r in radius[::-1]))
        result[box] = _mask(operation(_image(mask[box])))
    return result


def erode(mask: np.ndarray, radius_mm: float, spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """Erode with a ball; what lies outside the volume counts as inside, so first and last slices survive."""
    radius = radius_voxels(radius_mm, spacing_mm)
    return _in_box(mask, radius, lambda image: sitk.BinaryErode(image, radius, sitk.sitkBall, 0, 1, True))


def dilate(mask: np.ndarray, radius_mm: float, spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """Dilate with a ball."""
    radius = radius_voxels(radius_mm, spacing_mm)
    return _in_box(mask, radius, lambda image: sitk.BinaryDilate(image, radius, sitk.sitkBall))


def close(mask: np.ndarray, radius_mm: float, spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """Dilate, then erode."""
    return erode(dilate(mask, radius_mm, spacing_mm), radius_mm, spacing_mm)


def fill_holes(mask: np.ndarray) -> np.ndarray:
    """Fill what is enclosed within an axial slice."""
    filled = mask.copy()
    if mask.any():
        box = bounding_box(mask, (0, 1, 1))
        for index, slice_mask in enumerate(mask[box]):
            filled[box][index] = _mask(sitk.BinaryFillhole(_image(slice_mask)))
    return filled


def connected(mask: np.ndarray) -> np.ndarray:
    """Label connected components (face neighbours), the largest first; 0 is background."""
    return sitk.GetArrayFromImage(sitk.RelabelComponent(sitk.ConnectedComponent(_image(mask))))


def bounding_box(mask: np.ndarray, margin: tuple[int, ...]) -> tuple[slice, ...]:
    """Slices that hold every true voxel of `mask` and `margin` voxels (slice, row, column) around them."""
    box = []
    for axis in range(3):
        hit = np.flatnonzero(mask.any(axis=tuple(other for other in range(3) if other != axis)))
        box.append(slice(max(0, hit[0] - margin[axis]), min(mask.shape[axis], hit[-1] + 1 + margin[axis])))
    return tuple(box)
