"""Where the slices of a series lie: order, spacing and affine from the headers alone, or a refusal with the cause.

Coordinates are DICOM patient coordinates (LPS) in mm.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from highdicom.spatial import get_volume_positions
from pydicom.dataset import Dataset

from operators.dicom_loader.scan import SourceSlice
from operators.dicom_loader.settings import LoaderSettings
from operators.errors import Reason, Refusal

_POSITIONS_SHOWN = 6
_ORIENTATION_TOLERANCE = 1e-3
"""Largest difference of a direction cosine between slices: 0.06 degree, rounding of a header."""

_SPACING_TOLERANCE = 1e-4
"""Largest share by which a pixel spacing differs between slices: 0.05 mm over 512 pixels."""

_SAME_POSITION_MM = 0.05
"""Slices closer than this are at the same position; no CT reconstructs steps below 0.1 mm."""

_MIN_VOXEL_MM, _MAX_EXTENT_MM = 0.05, 2500.0
"""Side of a voxel and of the volume. A header that says otherwise would ask for endless work or for all memory."""

_MAX_COORDINATE = 1e5
"""Positions in mm; the values of spacing and orientation are far smaller."""

_LOOSE_PERPENDICULAR = 0.2
"""highdicom measures the drift as an angle, which rounding of thin slices exceeds; `_check_drift` measures it in mm."""


@dataclass(frozen=True)
class SliceStack:
    """The slices of a regular stack.

    Attributes:
        order: indices into the input slices, in ascending position along the slice normal.
        affine_lps: (4, 4) matrix from (column, row, slice, 1) to mm in LPS.
        spacing_mm: (column, row, slice) distance between voxel centres; column spacing is the second value of
            Pixel Spacing (0028,0030).
    """

    order: list[int]
    affine_lps: np.ndarray
    spacing_mm: tuple[float, float, float]


def stack_slices(slices: list[SourceSlice], settings: LoaderSettings) -> SliceStack:
    """Order the slices of one series and find their geometry.

    Args:
        slices: slices of one series, any order.
        settings: tolerances.

    Returns:
        The stack.

    Raises:
        Refusal: GEOMETRY with positions in mm (missing slice, uneven spacing, tilt, mixed matrix, spacing or
            orientation, no position, voxels of no CT), AMBIGUOUS for two acquisitions at the same positions.
    """
    headers: list[Dataset] = [source.header for source in slices]
    _check_same(headers)
    orientation = np.array(headers[0].ImageOrientationPatient, dtype=float)
    positions_mm = np.array([header.ImagePositionPatient for header in headers], dtype=float)  # (slice, 3)
    normal = np.cross(orientation[:3], orientation[3:])
    _check_upright(normal, settings)

    along_mm = positions_mm @ normal
    order = np.argsort(along_mm, kind="stable")
    _check_distinct(along_mm[order])
    _check_drift(positions_mm[order], normal, settings)
    slice_spacing_mm = _slice_spacing_mm(headers[0], positions_mm, along_mm[order], settings)

    row_spacing_mm, column_spacing_mm = (float(value) for value in headers[0].PixelSpacing)
    spacing_mm = (column_spacing_mm, row_spacing_mm, slice_spacing_mm)
    _check_size(spacing_mm, (headers[0].Columns, headers[0].Rows, len(headers)))
    affine_lps = np.eye(4)
    affine_lps[:3, 0] = orientation[:3] * column_spacing_mm  # along a row, the column index grows
    affine_lps[:3, 1] = orientation[3:] * row_spacing_mm
    affine_lps[:3, 2] = normal * slice_spacing_mm
    affine_lps[:3, 3] = positions_mm[order[0]]
    return SliceStack([int(i) for i in order], affine_lps, spacing_mm)


def _check_same(headers: list[Dataset]) -> None:
    """Every slice has the same matrix, spacing, orientation and frame of reference."""
    for keyword, length, name in (
        ("ImagePositionPatient", 3, "position"),
        ("ImageOrientationPatient", 6, "orientation"),
        ("PixelSpacing", 2, "pixel spacing"),
    ):
        missing = sum(not _is_vector(header.get(keyword), length) for header in headers)
        if missing:
            raise Refusal(Reason.GEOMETRY, f"{missing} of {len(headers)} slices have no valid {name}.")
    for keyword in ("Rows", "Columns"):
        found = len({header.get(keyword) for header in headers})
        if found > 1:
            raise Refusal(
                Reason.GEOMETRY, f"The slices have {found} different matrix sizes. Give a series with one matrix size."
            )
    spacings_mm = np.array([header.PixelSpacing for header in headers], dtype=float)  # (slice, 2)
    if (np.ptp(spacings_mm, axis=0) > _SPACING_TOLERANCE * spacings_mm[0]).any():
        found = len(np.unique(spacings_mm, axis=0))
        raise Refusal(
            Reason.GEOMETRY, f"The slices have {found} different pixel spacings. Give a series with one pixel spacing."
        )
    if len({str(header.get("FrameOfReferenceUID") or "") for header in headers}) > 1:
        raise Refusal(
            Reason.GEOMETRY, "The slices have different frames of reference, so their positions cannot be compared."
        )
    orientations = np.array([header.ImageOrientationPatient for header in headers], dtype=float)  # (slice, 6)
    if np.abs(orientations - orientations[0]).max() > _ORIENTATION_TOLERANCE:
        raise Refusal(Reason.GEOMETRY, "The slices have different orientations. Give a series with one orientation.")
    row, column = orientations[0, :3], orientations[0, 3:]
    lengths = np.array([row @ row, column @ column, row @ column])
    if np.abs(lengths - (1, 1, 0)).max() > _ORIENTATION_TOLERANCE:
        raise Refusal(Reason.GEOMETRY, "Image Orientation (0020,0037) does not hold two perpendicular unit vectors.")


def _is_vector(value: Any, length: int) -> bool:
    if value is None or np.shape(value) != (length,):
        return False
    return bool((np.abs(np.array(value, dtype=float)) <= _MAX_COORDINATE).all())


def _check_size(spacing_mm: tuple[float, float, float], shape: tuple[int, int, int]) -> None:
    """Check that the volume has the size of a patient, or of a part of one; (column, row, slice) each."""
    sides_mm = np.array(spacing_mm)
    if not ((sides_mm >= _MIN_VOXEL_MM).all() and (sides_mm * shape <= _MAX_EXTENT_MM).all()):
        voxel, size = " x ".join(f"{mm:.3g}" for mm in sides_mm), " x ".join(f"{mm:.3g}" for mm in sides_mm * shape)
        raise Refusal(
            Reason.GEOMETRY,
            f"The header gives voxels of {voxel} mm and a series of {size} mm, which is not possible for CT.",
        )


def _check_upright(normal: np.ndarray, settings: LoaderSettings) -> None:
    angle_deg = float(np.degrees(np.arccos(min(1.0, abs(normal[2])))))
    if angle_deg > settings.max_oblique_deg:
        raise Refusal(
            Reason.GEOMETRY,
            f"The slices lie {angle_deg:.1f} degrees off the axial plane (tilted gantry or reformat); the limit is "
            f"{settings.max_oblique_deg:g} (loader.max_oblique_deg).",
        )


def _check_distinct(along_mm: np.ndarray) -> None:
    """Positions ascend; two slices at one place are two acquisitions, which must not be mixed."""
    same = np.flatnonzero(np.diff(along_mm) < _SAME_POSITION_MM)
    if len(same):
        raise Refusal(
            Reason.AMBIGUOUS,
            f"{len(same)} position(s) hold more than one slice, first at {along_mm[same[0]]:.2f} mm: there are several "
            "acquisitions in one series. Split them.",
        )


def _tolerance_mm(steps_mm: np.ndarray, settings: LoaderSettings) -> float:
    """Rounding allowed for a position; less than a quarter of the slice distance."""
    return min(settings.position_tolerance_mm, 0.25 * float(np.median(steps_mm))) if len(steps_mm) else 0.0


def _check_drift(positions_mm: np.ndarray, normal: np.ndarray, settings: LoaderSettings) -> None:
    """Every slice lies straight above the first: a tilted gantry shears the stack instead."""
    offsets_mm = positions_mm - positions_mm[0]  # (slice, 3)
    lateral_mm = np.linalg.norm(offsets_mm - np.outer(offsets_mm @ normal, normal), axis=1)
    if lateral_mm.max() > settings.max_lateral_drift_mm:
        raise Refusal(
            Reason.GEOMETRY,
            f"The slices are shifted sideways by up to {lateral_mm.max():.2f} mm along the stack (tilted gantry); the "
            f"limit is {settings.max_lateral_drift_mm:g} mm (loader.max_lateral_drift_mm). Give a series reconstructed "
            "without tilt.",
        )


def _slice_spacing_mm(
    header: Dataset, positions_mm: np.ndarray, along_mm: np.ndarray, settings: LoaderSettings
) -> float:
    """Distance between slices, for a gap-free and even stack; `along_mm` ascends."""
    if len(along_mm) == 1:
        return float(header.get("SliceThickness") or 1.0)
    steps_mm = np.diff(along_mm)
    tolerance_mm = _tolerance_mm(steps_mm, settings)
    regular = {"atol": tolerance_mm, "perpendicular_tol": _LOOSE_PERPENDICULAR}
    orientation = header.ImageOrientationPatient
    spacing_mm, _ = get_volume_positions(positions_mm, orientation, **regular)
    if spacing_mm is None:
        with_gaps, _ = get_volume_positions(positions_mm, orientation, allow_missing_positions=True, **regular)
        usual_mm = float(np.median(steps_mm))
        odd = np.flatnonzero(np.abs(steps_mm - usual_mm) > tolerance_mm)
        shown = ", ".join(f"{along_mm[i]:.2f} to {along_mm[i + 1]:.2f} mm" for i in odd[:_POSITIONS_SHOWN])
        more = f" and {len(odd) - _POSITIONS_SHOWN} more" if len(odd) > _POSITIONS_SHOWN else ""
        what = "Slices are missing" if with_gaps is not None else "The slices are not evenly spaced"
        raise Refusal(Reason.GEOMETRY, f"{what}: usual distance {usual_mm:.2f} mm, but {shown}{more}.")
    return float(spacing_mm)
