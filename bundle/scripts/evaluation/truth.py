"""What a synthetic volume of one patient is scored against: volumes, masks and zones, cropped to the body."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import nibabel
import numpy as np
from nibabel.orientations import apply_orientation, axcodes2ornt, io_orientation, ornt_transform
from scipy.ndimage import distance_transform_edt, find_objects, gaussian_filter, label

from scripts.metrics import SSIM_WINDOW, body_structures, segment_vessels
from scripts.structures import Structure, is_lumen

MUSCLE_HU = (20.0, 90.0)
MUSCLE_MM = (3.0, 20.0)
WALL_MM = 3.0
SMALLEST_VESSEL_MM3 = 100.0
ENHANCING_HU = 50.0
ENHANCING_MARGIN_MM = 5.0
_SMOOTHING_MM = 1.5


@dataclass(frozen=True)
class VesselZone:
    """How vessels are looked for: least HU, and how far from the known lumen in mm."""

    threshold_hu: float = 150.0
    margin_mm: float = 10.0


@dataclass(frozen=True)
class Truth:
    """A patient's volumes on one grid, shape (X, Y, Z) in index order LPS, cropped to the body.

    Attributes:
        ncct_hu: volume without contrast in HU.
        cta_hu: true CTA in HU.
        structures: labels of `Structure`; without a lumen in view, or none known, there is no `ARTERIAL_LUMEN`.
        vessels: number of the vessel that a lumen voxel belongs to, 0 elsewhere.
        structures_known: whether the data set labels the other enhancing tissue; otherwise it is estimated from the
            CTA.
        spacing_mm: voxel spacing along each axis.
        to_lps: nibabel orientation from the file's index order to LPS.
        box: where the crop lies in the whole volume in LPS order.
        zone: how vessels are looked for.
    """

    ncct_hu: np.ndarray
    cta_hu: np.ndarray
    structures: np.ndarray
    vessels: np.ndarray
    structures_known: bool
    spacing_mm: tuple[float, ...]
    to_lps: np.ndarray
    box: tuple[slice, ...]
    zone: VesselZone = VesselZone()

    def crop(self, volume: np.ndarray) -> np.ndarray:
        """Reorder a whole volume from the file's index order to LPS and crop it like the truth."""
        return apply_orientation(volume, self.to_lps)[self.box]

    @cached_property
    def body(self) -> np.ndarray:
        """Mask of the body."""
        return self.structures > Structure.OUTSIDE

    @cached_property
    def lumen(self) -> np.ndarray:
        """Mask of the arterial lumen."""
        return self.structures == Structure.ARTERIAL_LUMEN

    @cached_property
    def _from_lumen_mm(self) -> np.ndarray:
        return distance_mm(self.lumen, self.spacing_mm, max(self.zone.margin_mm, MUSCLE_MM[1], WALL_MM))

    @cached_property
    def near_lumen(self) -> np.ndarray:
        """Where vessels are compared: the body near the lumen, without other enhancing tissue where that is known."""
        return self.whole_body & (self._from_lumen_mm <= self.zone.margin_mm)

    @cached_property
    def whole_body(self) -> np.ndarray:
        """The body without other enhancing tissue, where that is known."""
        return self.body & (self.structures != Structure.OTHER_ENHANCING) if self.structures_known else self.body

    @cached_property
    def wall(self) -> np.ndarray:
        """The lumen and 3 mm around it: where calcium of the vessels lies."""
        return self.body & (self._from_lumen_mm <= WALL_MM)

    @cached_property
    def muscle(self) -> np.ndarray:
        """Tissue without enhancement, 20 to 90 HU in the smoothed NCCT, 3 to 20 mm from the lumen."""
        low_mm, high_mm = MUSCLE_MM
        shell = (self.structures == Structure.BODY) & (self._from_lumen_mm >= low_mm) & (self._from_lumen_mm <= high_mm)
        smooth_hu = gaussian_filter(self.ncct_hu, _SMOOTHING_MM / np.asarray(self.spacing_mm))
        return shell & (smooth_hu >= MUSCLE_HU[0]) & (smooth_hu <= MUSCLE_HU[1])

    @cached_property
    def real_vessels(self) -> np.ndarray:
        """Vessels of the true CTA near the lumen."""
        return self.segment(self.cta_hu, self.near_lumen)

    @cached_property
    def real_vessels_of_the_body(self) -> np.ndarray:
        """Vessels of the true CTA in the whole body."""
        return self.segment(self.cta_hu, self.whole_body)

    def segment(self, volume_hu: np.ndarray, where: np.ndarray) -> np.ndarray:
        """Segment vessels of a volume of the truth's shape inside a mask."""
        return segment_vessels(volume_hu, self.ncct_hu, where, self.spacing_mm, self.zone.threshold_hu)


def load_truth(record: dict, zone: VesselZone, lumen_labels: Sequence[int] | None = None) -> Truth:
    """Read what a patient's synthetic volume is scored against.

    The truth is "cta_aligned" where the record has it, else "cta". Without "structures" the body is found in the
    NCCT, and other enhancing tissue is what the CTA, smoothed, has 50 HU above the NCCT, and 5 mm around it.

    Args:
        record: record of `scripts.data.patients`.
        zone: how vessels are looked for.
        lumen_labels: values of the "lumen" volume that are arteries; None for all above 0.

    Raises:
        ValueError: when a volume holds values that are not finite, or no body is found.
    """
    image = nibabel.load(record["ncct"])
    to_lps = ornt_transform(io_orientation(image.affine), axcodes2ornt("LPS"))
    spacing_mm = tuple(float(image.header.get_zooms()[int(axis)]) for axis in np.argsort(to_lps[:, 0]))

    def read(key: str) -> np.ndarray:
        volume = np.asarray(nibabel.load(record[key]).dataobj, dtype=np.float32)
        if not np.isfinite(volume).all():
            raise ValueError(
                f"{record[key]} holds NaN or infinite values. Repair the volume, or remove the patient from the "
                "datalist."
            )
        return apply_orientation(volume, to_lps)

    ncct_hu, cta_hu = read("ncct"), read("cta_aligned" if "cta_aligned" in record else "cta")
    structures_known = "structures" in record
    structures = read("structures").astype(np.uint8) if structures_known else body_structures(ncct_hu)
    if not structures.any():
        raise ValueError(f"No body found in {record['ncct']}. Check that the volume is in HU.")
    (body_box,) = find_objects((structures > Structure.OUTSIDE).astype(np.uint8))
    # Room for the window of SSIM around the body, and all slices, so that none of its windows is cut.
    box = (*(slice(max(0, side.start - SSIM_WINDOW), side.stop + SSIM_WINDOW) for side in body_box[:2]), slice(None))
    ncct_hu, cta_hu, structures = (np.ascontiguousarray(volume[box]) for volume in (ncct_hu, cta_hu, structures))
    if not structures_known:
        _add_enhancing(structures, ncct_hu, cta_hu, spacing_mm)
    labels = np.zeros(structures.shape, dtype=np.int32)
    if "lumen" in record:
        labels = read("lumen")[box].astype(np.int32)
        labels[~is_lumen(labels, lumen_labels)] = 0
        structures[structures == Structure.ARTERIAL_LUMEN] = Structure.OTHER_ENHANCING
        structures[labels > 0] = Structure.ARTERIAL_LUMEN
    vessels = labels if len(np.unique(labels)) > 2 else _components(structures == Structure.ARTERIAL_LUMEN, spacing_mm)
    return Truth(ncct_hu, cta_hu, structures, vessels, structures_known, spacing_mm, to_lps, box, zone)


def distance_mm(mask: np.ndarray, spacing_mm: Sequence[float], reach_mm: float) -> np.ndarray:
    """Distance to a mask in mm, 0 inside it and infinite beyond `reach_mm` of the mask's bounding box; any shape."""
    distance = np.full(mask.shape, np.inf, dtype=np.float32)
    if mask.any():
        (box,) = find_objects(mask.astype(np.uint8))
        roomy = tuple(
            slice(max(0, side.start - int(reach_mm / spacing) - 1), side.stop + int(reach_mm / spacing) + 1)
            for side, spacing in zip(box, spacing_mm, strict=True)
        )
        distance[roomy] = distance_transform_edt(~mask[roomy], sampling=spacing_mm)
    return distance


def _add_enhancing(
    structures: np.ndarray, ncct_hu: np.ndarray, cta_hu: np.ndarray, spacing_mm: Sequence[float]
) -> None:
    raised_hu = gaussian_filter(cta_hu - ncct_hu, _SMOOTHING_MM / np.asarray(spacing_mm))
    enhancing = (structures == Structure.BODY) & (raised_hu >= ENHANCING_HU)
    around = distance_mm(enhancing, spacing_mm, ENHANCING_MARGIN_MM) <= ENHANCING_MARGIN_MM
    structures[around & (structures == Structure.BODY)] = Structure.OTHER_ENHANCING


def _components(lumen: np.ndarray, spacing_mm: Sequence[float]) -> np.ndarray:
    parts, _ = label(lumen, np.ones((3, 3, 3)))
    large = np.bincount(parts.ravel()) * np.prod(spacing_mm) >= SMALLEST_VESSEL_MM3
    large[0] = False
    numbers = np.cumsum(large) * large
    return numbers[parts].astype(np.int32)
