"""Does the image itself show contrast-enhanced blood? A safety check in case the header was emptied.

Unenhanced blood is about 40 HU, at most 70. In chest and abdomen it is measured where the great vessels are: between
the lungs, and in front of the spine. Oral contrast, thyroid, dense liver, implants and supports are elsewhere. The
aorta runs through all slices; bright spots in only some of them (the duodenum, calcified plaque) do not count. A
bright liver with dark spleen and kidneys is dense by itself (`dense_liver.py`). In other regions, such as the neck,
all bright and homogeneous regions of the body are counted.

Marrow is recognised by its surroundings: it lies inside a brighter cortical shell, blood lies among darker tissue.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from operators.dicom_loader.body import CoarseBody
from operators.dicom_loader.dense_liver import dense_liver

_LATE_HU = 85.0
"""Blood minutes after the injection has 90 to 130 HU; unenhanced it stays below 70, the muscle of the heart too."""

_BRIGHT_HU = 130.0
_METAL_HU = 600.0
_MAX_SPREAD_HU = 25.0
"""Largest local standard deviation (3 x 3 x 3 grid points); it takes away edges, spongy bone, stents and plaque."""

_MIN_DEPTH_MM = 20.0
_HEART_SIDE_MM = 80.0
_AORTA_SIDE_MM = 45.0
_AORTA_FROM_BACK = (0.35, 0.65)
"""Where the great vessels of the abdomen lie: beside the midline, and as a share of the body's depth there."""

_HEART_FROM_BACK = 0.3
_RIM_STEPS = 2
_MIN_POINTS = 4
"""Smaller regions are noise."""

_MIN_AREA_CM2 = 1.5
"""Bright blood in a slice: the lumen of an aorta of 14 mm."""

_WHOLE_STACK_MM = 100.0
"""Length of a stack from which the full volume limit holds."""

_MIN_REGION_ML = 1.0
_SKIN_MM = 10.0
"""Mean depth of what lies at the skin; jugular veins lie deeper."""

_THROAT_MM = 12.0
"""Half the width of pharynx and oesophagus; the arteries of the neck lie 20 mm and more beside the midline."""

_SHELL_STEP_HU = 40.0
_MAX_BRIGHTER_SHELL = 0.15
"""Share of the shell that is brighter than the region. Measured on real CT: 0.19 to 0.47 for marrow, 0.00 to 0.13 for
vessels and organs, up to 0.23 where the wall is calcified all around."""

_BRIGHTER_SHELL_OF_MARROW = 0.25
"""The same where the great vessels are: higher, so that an enhanced aorta with calcium all around still counts."""

_MIN_SHARE = 0.4
"""Share of the slices of chest and abdomen with bright blood from which contrast was given. Measured on real CT: at
most 0.06 in any 60 mm of a scan without contrast, at least 0.65 in a whole one with it."""

_SOME_SHARE = 0.3
"""Share that suffices if the body also has other bright regions: at most 5 ml of them without contrast."""


@dataclass(frozen=True)
class BrightBlood:
    """Bright blood in the region of heart and great vessels of chest and abdomen.

    Attributes:
        share: share of these slices that show it.
        volume_ml: how much.
        length_mm: length of the stack that was measured.
    """

    share: float
    volume_ml: float
    length_mm: float

    def is_contrast(self, limit_ml: float, bright_ml: float) -> bool:
        """Whether the blood must be contrast-enhanced.

        Args:
            limit_ml: volume limit of a stack of 10 cm; a shorter one has a lower limit.
            bright_ml: bright regions of the whole body, see `enhanced_blood_ml`.
        """
        asked_ml = limit_ml * min(1.0, self.length_mm / _WHOLE_STACK_MM)
        is_seen_through = self.share >= _MIN_SHARE and self.volume_ml >= asked_ml
        return is_seen_through or (self.share >= _SOME_SHARE and bright_ml >= limit_ml)


def blood_in_vessels(body: CoarseBody) -> BrightBlood | None:
    """Bright blood of heart and great vessels.

    Args:
        body: the patient.

    Returns:
        The finding; None where most slices show neither chest nor abdomen.
    """
    if body.is_trunk.mean() < 0.5:
        return None
    even = _without_marrow(body, _even(body, _LATE_HU) & body.mask & (body.depth_mm > _MIN_DEPTH_MM))
    even = ndimage.binary_opening(even, np.ones((1, 2, 2), dtype=bool))  # takes off rims and noise
    bright = (body.hu > _LATE_HU) & (body.hu < _METAL_HU) & body.mask
    cross = ndimage.generate_binary_structure(2, 1)[None]
    lumen = ndimage.binary_dilation(even, cross, iterations=_RIM_STEPS, mask=bright)  # the rim is no even place
    lumen &= ~dense_liver(body, lumen)
    areas_cm2 = np.array([(lumen[i] & _vessel_region(body, i)).sum() for i in np.flatnonzero(body.is_trunk)])
    areas_cm2 = areas_cm2 * body.pixel_cm2
    slice_mm = body.spacing_mm[0]
    return BrightBlood(
        share=float((areas_cm2 >= _MIN_AREA_CM2).mean()),
        volume_ml=float(areas_cm2.sum() * slice_mm / 10),
        length_mm=len(areas_cm2) * slice_mm,
    )


def _vessel_region(body: CoarseBody, index: int) -> np.ndarray:
    """(y, x) where a slice of chest or abdomen has heart and great vessels."""
    side_mm = np.abs(body.left_of_middle_mm[index])
    from_back = body.from_back(index)[:, None]
    low, high = _AORTA_FROM_BACK
    aorta = (side_mm < _AORTA_SIDE_MM) & (from_back > low) & (from_back < high)
    if body.is_chest[index]:
        lung = body.lung[index]
        between = np.logical_or.accumulate(lung, axis=1) & np.logical_or.accumulate(lung[:, ::-1], axis=1)[:, ::-1]
        return aorta | between & (side_mm < _HEART_SIDE_MM) & (from_back > _HEART_FROM_BACK)
    return aorta


def enhanced_blood_ml(body: CoarseBody) -> float:
    """Volume of regions anywhere in the body that look like enhanced blood or organs.

    Args:
        body: the patient.

    Returns:
        Volume in ml of the regions of at least 1 ml: 0 for non-contrast CT, some ml to hundreds for contrast CT.
    """
    labels, count = ndimage.label(_even(body, _BRIGHT_HU) & body.mask)
    sizes_ml = np.bincount(labels.ravel(), minlength=count + 1)[1:] * body.voxel_ml
    boxes = ndimage.find_objects(labels)
    large = np.flatnonzero(sizes_ml >= _MIN_REGION_ML)
    return float(
        sum(
            sizes_ml[i]
            for i in large
            if _brighter_shell(body.hu, labels, i + 1, boxes[i]) <= _MAX_BRIGHTER_SHELL
            and not _is_support_or_swallowed(body, labels, i + 1)
        )
    )


def _is_support_or_swallowed(body: CoarseBody, labels: np.ndarray, label: int) -> bool:
    """Whether a region lies at the skin, as a cushion that touches it, or wholly in the throat."""
    places = np.nonzero(labels == label)
    if body.depth_mm[places].mean() < _SKIN_MM:
        return True
    slices, _, columns = places
    is_of_neck = not body.is_trunk[slices].any()
    return is_of_neck and float(np.abs(body.left_of_middle_mm[slices, columns]).max()) < _THROAT_MM


def _without_marrow(body: CoarseBody, even: np.ndarray) -> np.ndarray:
    """(z, y, x) bright places without those inside a brighter shell: marrow and discs of the spine."""
    labels, count = ndimage.label(even)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    boxes = ndimage.find_objects(labels)
    blood = [
        number
        for number in range(1, count + 1)
        if sizes[number] >= _MIN_POINTS
        and _brighter_shell(body.hu, labels, number, boxes[number - 1]) <= _BRIGHTER_SHELL_OF_MARROW
    ]
    return np.isin(labels, blood)


def _even(body: CoarseBody, from_hu: float) -> np.ndarray:
    """(z, y, x) bright and without edges."""
    mean_hu = ndimage.uniform_filter(body.hu, 3)
    spread_hu = np.sqrt(np.maximum(ndimage.uniform_filter(body.hu**2, 3) - mean_hu**2, 0))
    return (body.hu > from_hu) & (body.hu < _METAL_HU) & (spread_hu < _MAX_SPREAD_HU)


def _brighter_shell(coarse_hu: np.ndarray, labels: np.ndarray, label: int, box: tuple[slice, ...]) -> float:
    """Share of the shell around a region that is brighter than it, as cortical bone is around marrow."""
    reach = 4  # grid points: the shell is two thick, one away from the region
    around = tuple(slice(max(0, side.start - reach), side.stop + reach) for side in box)
    region = labels[around] == label
    near = ndimage.binary_dilation(region)
    shell = ndimage.binary_dilation(near, iterations=2) & ~near
    region_hu = coarse_hu[around][region].mean()
    return float((coarse_hu[around][shell] > region_hu + _SHELL_STEP_HU).mean()) if shell.any() else 0.0
