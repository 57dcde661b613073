"""The images of a series that make its stack: scouts and repeated files are taken out."""

import math

import numpy as np

from operators.dicom_loader.scan import SourceSlice
from operators.errors import Reason, Refusal

_SCOUT_WORDS = {"LOCALIZER", "SCOUT", "SURVIEW", "TOPOGRAM", "SCANOGRAM", "PILOT"}
_MAX_SCOUTS = 3
"""More images of another orientation are not scouts but a reformat; the series is refused."""

_AXIAL_MIN_COSINE = math.cos(math.radians(45))
"""Nearer to the patient's long axis than to another one; how oblique it may be is a matter of `geometry.py`."""


def image_type(source: SourceSlice) -> list[str]:
    """Values of Image Type (0008,0008), in upper case."""
    value = source.header.get("ImageType") or []
    return [str(item).strip().upper() for item in ([value] if isinstance(value, str) else value)]


def is_axial(source: SourceSlice) -> bool:
    """Whether the slice normal lies along the patient's long axis; a missing orientation is left to the geometry."""
    orientation = source.header.get("ImageOrientationPatient")
    if orientation is None or len(orientation) != 6:
        return True
    cosines = np.array(orientation, dtype=float)
    return abs(np.cross(cosines[:3], cosines[3:])[2]) >= _AXIAL_MIN_COSINE


def without_scouts(slices: list[SourceSlice]) -> tuple[list[SourceSlice], list[str]]:
    """Take out localizers, by name or as the few images of another orientation than the rest.

    Args:
        slices: of one series.

    Returns:
        The others, and warnings about those taken out.
    """
    named = [source for source in slices if _SCOUT_WORDS & set(image_type(source))]
    images = [source for source in slices if not _SCOUT_WORDS & set(image_type(source))]
    turned = [source for source in images if not is_axial(source)]
    warnings = [f"{len(named)} localizer image(s) in the series skipped."] if named else []
    if 0 < len(turned) <= _MAX_SCOUTS and len(turned) < len(images) / 2:
        images = [source for source in images if is_axial(source)]
        warnings.append(f"{len(turned)} image(s) of another orientation (scout) in the series skipped.")
    return images, warnings


def without_repeats(images: list[SourceSlice]) -> tuple[list[SourceSlice], int]:
    """Drop files that repeat an instance; the first in path order stays.

    Returns:
        The others, and the number that was dropped.

    Raises:
        Refusal: AMBIGUOUS, when one SOPInstanceUID stands at two positions.
    """
    firsts: dict[tuple[str, int | None], SourceSlice] = {}
    for source in images:
        first = firsts.setdefault(instance_of(source), source)
        if position_of(first) != position_of(source):
            raise Refusal(
                Reason.AMBIGUOUS,
                "Two files have the same SOP Instance UID but different positions. Export the series again.",
            )
    return list(firsts.values()), len(images) - len(firsts)


def instance_of(source: SourceSlice) -> tuple[str, int | None]:
    """The identity of an image: its UID, and the frame in a multi-frame object."""
    return str(source.header.get("SOPInstanceUID") or source.path), source.frame_number


def position_of(source: SourceSlice) -> tuple[float, ...] | None:
    """Image Position (0020,0032) in mm, to 0.001 mm; None where it is missing."""
    position = source.header.get("ImagePositionPatient")
    return None if position is None or len(position) != 3 else tuple(round(float(mm), 3) for mm in position)
