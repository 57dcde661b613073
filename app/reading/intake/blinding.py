"""Make the scans of a pair alike in all but their content: same extent, grid and range of HU, no position."""

import numpy as np
import SimpleITK as sitk

from operators.errors import Reason, Refusal

HU_RANGE = (-1024, 3071)
"""HU outside this range are clipped: paddings and reconstruction ranges would reveal the scanner."""

_MIN_EXTENT_MM = 20.0
_SAME_GRID_MM = 1e-3


def blind_pair(cta: sitk.Image, syn_cta: sitk.Image) -> tuple[np.ndarray, np.ndarray, tuple[float, float, float]]:
    """Resample a pair to one grid over the extent that both cover.

    If both already have the same grid, their voxels stay unchanged. Else both are interpolated, so that a softer
    picture does not show which of them was: linear, on the coarser voxel size of each axis, along the patient's axes.

    Args:
        cta: HU in LPS mm.
        syn_cta: HU in LPS mm, of the same frame of reference.

    Returns:
        CTA and Syn-CTA as (slice, row, column) int16 HU, from foot to head, and the (column, row, slice) spacing in mm.

    Raises:
        Refusal: GEOMETRY, when they overlap by less than 20 mm along an axis.
    """
    cta, syn_cta = _lps_oriented(cta), _lps_oriented(syn_cta)
    if not _same_grid(cta, syn_cta):
        grid = _common_grid(cta, syn_cta)
        cta, syn_cta = (
            sitk.Resample(image, grid, sitk.Transform(), sitk.sitkLinear, -1024.0) for image in (cta, syn_cta)
        )
    return _int16(cta), _int16(syn_cta), tuple(round(mm, 4) for mm in cta.GetSpacing())


def _lps_oriented(image: sitk.Image) -> sitk.Image:
    """Axes in the order and direction left, posterior, superior; no voxel is changed."""
    return sitk.DICOMOrient(image, "LPS")


def _same_grid(one: sitk.Image, other: sitk.Image) -> bool:
    if one.GetSize() != other.GetSize():
        return False
    return all(np.allclose(a, b, atol=_SAME_GRID_MM) for a, b in zip(_box(one), _box(other), strict=True))


def _box(image: sitk.Image) -> tuple[np.ndarray, np.ndarray]:
    last = image.TransformIndexToPhysicalPoint([n - 1 for n in image.GetSize()])
    ends = np.array([image.GetOrigin(), last])
    return ends.min(axis=0), ends.max(axis=0)


def _common_grid(one: sitk.Image, other: sitk.Image) -> sitk.Image:
    (low_a, high_a), (low_b, high_b) = _box(one), _box(other)
    low, high = np.maximum(low_a, low_b), np.minimum(high_a, high_b)
    if (high - low < _MIN_EXTENT_MM).any():
        raise Refusal(
            Reason.GEOMETRY,
            "CTA and Syn-CTA of a patient hardly overlap. Give two series of the same patient in the same frame of "
            "reference.",
        )
    spacing = np.maximum(one.GetSpacing(), other.GetSpacing())
    size = np.floor((high - low) / spacing).astype(int) + 1
    grid = sitk.Image([int(n) for n in size], sitk.sitkFloat32)
    grid.SetSpacing(spacing.tolist())
    grid.SetOrigin(low.tolist())
    return grid


def _int16(image: sitk.Image) -> np.ndarray:
    return np.clip(np.rint(sitk.GetArrayFromImage(image)), *HU_RANGE).astype(np.int16)
