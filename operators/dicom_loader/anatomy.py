"""Which part of the body does a series show? From words of the header, and from the image where they are missing.

A model gives a result for every input; outside of the regions that it was trained on the result is meaningless.
"""

import numpy as np
from pydicom.dataset import Dataset
from scipy import ndimage

from ct_headers.regions import regions_in
from ct_headers.text import texts_of
from operators.dicom_loader.body import CoarseBody, cross_sections
from operators.dicom_loader.plane_morphology import closed_gaps, filled_holes
from operators.dicom_loader.settings import Region

_GRID_MM = 1.5
_BONE_HU = 200.0
_BODY_HU = -300.0
_AIR_HU = -500.0
_MIN_BODY_CM2 = 60.0
"""Smaller cross-sections (less than the crown of a child's head) are not checked."""

_SUTURE_STEPS = 3
"""Grid points (4.5 mm) on each side over which a gap of the ring is closed."""

_LIMB_CM2 = (40.0, 200.0)
"""Cross-sections of a single arm or leg; smaller ones are not checked."""

_PAIR_RATIO = 0.5
"""Two cross-sections of like size side by side are legs; beside a trunk the arms are far smaller."""

_MIN_INNER_AIR_CM2 = 0.3
"""Airway, lung, sinus or bowel gas: every slice of neck and trunk has some, no limb does."""

_ENCLOSED_SHARE = 0.45
"""Share of a cross-section that lies inside a closed ring of bone, as it does in a head and nowhere else."""


def regions_in_header(header: Dataset) -> set[Region]:
    """Regions that the header names: by Body Part Examined or the coded region, and where these say nothing by the
    descriptions.

    Args:
        header: one slice.

    Returns:
        The regions, empty where no known word is found.
    """
    by_body_part = _regions(header, "BodyPartExamined", "AnatomicRegionSequence")
    return by_body_part or _regions(header, "SeriesDescription", "StudyDescription")


def _regions(header: Dataset, *keywords: str) -> set[Region]:
    return {Region(name) for text in texts_of(header, *keywords) for name in regions_in(text)}


def skull_share(hu: np.ndarray, spacing_mm: tuple[float, float, float]) -> float:
    """Share of the slices whose cross-section is mostly enclosed by bone: 0 for the trunk, near 1 for a head.

    Args:
        hu: (slice, row, column) volume in HU.
        spacing_mm: (column, row, slice) distance between voxel centres.

    Returns:
        Share of the slices, 0 to 1.
    """
    step = [max(1, int(_GRID_MM / side_mm)) for side_mm in (spacing_mm[1], spacing_mm[0])]  # row, column
    pixel_cm2 = step[0] * step[1] * spacing_mm[0] * spacing_mm[1] / 100
    chosen = range(0, len(hu), max(1, round(5.0 / spacing_mm[2])))  # every 5 mm
    return float(np.mean([_is_skull(hu[i, :: step[0], :: step[1]], pixel_cm2) for i in chosen]))


def _is_skull(plane_hu: np.ndarray, pixel_cm2: float) -> bool:
    body = filled_holes(closed_gaps(plane_hu > _BODY_HU, _SUTURE_STEPS))
    labels, count = ndimage.label(body)
    if not count:
        return False
    sizes = np.bincount(labels.ravel())[1:]
    if sizes.max() * pixel_cm2 < _MIN_BODY_CM2:
        return False
    body = labels == 1 + int(sizes.argmax())
    bone = closed_gaps(body & (plane_hu > _BONE_HU), _SUTURE_STEPS)
    enclosed = filled_holes(bone) & ~bone
    return bool(enclosed.sum() > _ENCLOSED_SHARE * body.sum())


def limb_share(body: CoarseBody) -> float:
    """Share of the slices that look like arms or legs: no air inside, and small, or two alike side by side.

    Args:
        body: the patient.

    Returns:
        Share of the slices, 0 to 1.
    """
    step = max(1, round(5.0 / body.spacing_mm[0]))  # every 5 mm
    return float(np.mean([_is_limb(plane_hu, body.pixel_cm2) for plane_hu in body.hu[::step]]))


def _is_limb(plane_hu: np.ndarray, pixel_cm2: float) -> bool:
    sections = cross_sections(plane_hu)
    if not sections:
        return False
    areas_cm2 = [section.sum() * pixel_cm2 for section in sections]
    air_cm2 = sum((section & (plane_hu < _AIR_HU)).sum() for section in sections) * pixel_cm2
    if areas_cm2[0] < _LIMB_CM2[0] or air_cm2 >= _MIN_INNER_AIR_CM2:
        return False
    is_pair = len(areas_cm2) > 1 and areas_cm2[1] > _PAIR_RATIO * areas_cm2[0]
    return is_pair or areas_cm2[0] < _LIMB_CM2[1]
