"""Which part of the body does a series show? The header's words, and a look for the skull where they are missing.

A model gives something for every input; outside of the regions that it was trained on it means nothing.
"""

import re

import numpy as np
from pydicom.dataset import Dataset
from scipy import ndimage

from operators.dicom_loader.settings import Region

_WORDS = {
    Region.HEAD: r"HEAD|KOPF|SCHADEL|SKULL|BRAIN|CRANI\w*|CEREBR\w*|CEPHAL\w*|SINUS\w*|ORBIT\w*|FACE|FACIAL|MAXILLA\w*"
    r"|MANDIBLE|JAW|TEMPORAL|IAC|EAR|TMJ",
    Region.NECK: r"NECK|HALS|CERVICAL|CSPINE|C SPINE|CAROTI\w*|LARYN\w*|THYROID",
    Region.CHEST: r"CHEST|THORA\w*|LUNGS?|HEART|CARDIA\w*|CORONARY|AORTA|RIBS?|STERNUM|TSPINE|T SPINE|MEDIASTIN\w*"
    r"|WHOLEBODY|WHOLE BODY|TRUNK|BODY|CAP|TAP",
    Region.ABDOMEN: r"ABD\w*|ABDOMEN\w*|LIVER|KIDNEYS?|RENAL|PANCREAS|SPLEEN|LSPINE|L SPINE|LUMBAR|KUB|CAP|TAP",
    Region.PELVIS: r"PELVI\w*|BECKEN|HIPS?|SACRUM|BLADDER|PROSTATE|SSPINE|COCCYX",
    Region.ARM: r"ARMS?|SHOULDER|HUMERUS|ELBOW|FOREARM|WRIST|HANDS?|FINGER|THUMB|CLAVICLE|SCAPULA|UP EXM|UPPER LIMB"
    r"|UPPER EXTREMITY",
    Region.LEG: r"LEGS?|KNEE|FEMUR|THIGH|TIBIA|FIBULA|CALF|ANKLE|FOOT|FEET|TOE|HEEL|CALCANEUS|LOW EXM|LOWER LIMB"
    r"|LOWER EXTREMITY",
}
_PATTERNS = {region: re.compile(rf"(?<![A-Z])(?:{words})(?![A-Z])") for region, words in _WORDS.items()}
_JOINED = re.compile("|".join(("HEADNECK", "NECKCHEST", "CHESTABDOMEN", "CHESTABDPELVIS", "ABDOMENPELVIS")))
"""Defined Terms of Body Part Examined (PS3.16 annex L) that join regions without a gap; none is wholly untrained."""

_GRID_MM = 1.5
_BONE_HU = 200.0
_BODY_HU = -300.0
_MIN_BODY_CM2 = 60.0
"""Smaller cross-sections than the crown of a child's head are not judged."""

_SUTURE_STEPS = 3
"""Grid points (4.5 mm) on each side over which a gap of the ring is closed."""

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
    coded = [str(item.get("CodeMeaning") or "") for item in header.get("AnatomicRegionSequence") or ()]
    by_body_part = _regions(" | ".join([str(header.get("BodyPartExamined") or ""), *coded]))
    if by_body_part:
        return by_body_part
    return _regions(f"{header.get('SeriesDescription') or ''} | {header.get('StudyDescription') or ''}")


def _regions(text: str) -> set[Region]:
    words = re.sub(r"[^A-Z]+", " ", text.upper())
    if joined := _JOINED.search(words):
        words += " " + re.sub(r"(HEAD|NECK|CHEST|ABDOMEN|ABD|PELVIS)", r"\1 ", joined.group())
    return {region for region, pattern in _PATTERNS.items() if pattern.search(words)}


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
    body = ndimage.binary_fill_holes(_closed(plane_hu > _BODY_HU))
    labels, count = ndimage.label(body)
    if not count:
        return False
    sizes = np.bincount(labels.ravel())[1:]
    if sizes.max() * pixel_cm2 < _MIN_BODY_CM2:
        return False
    body = labels == 1 + int(sizes.argmax())
    bone = _closed(body & (plane_hu > _BONE_HU))
    enclosed = ndimage.binary_fill_holes(bone) & ~bone
    return bool(enclosed.sum() > _ENCLOSED_SHARE * body.sum())


def _closed(mask: np.ndarray) -> np.ndarray:
    return ndimage.binary_closing(mask, iterations=_SUTURE_STEPS)
