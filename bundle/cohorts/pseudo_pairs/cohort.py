"""A recipe's series become pseudo-pairs on disk: `<out>/<patient>/*.nii` and datalist.json."""

import json
import logging
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import ndimage
from tqdm import tqdm

from cohorts.ct.reading import Volume, crop, read_image, read_volume
from cohorts.ct.writing import write_volume
from cohorts.marks import read_marks
from cohorts.marks.negatives import name_negatives
from cohorts.own_folder import check_own_folder
from cohorts.phantom.imaging.deformation import deform, random_displacement_mm
from cohorts.pseudo_pairs.component_masks import component_masks
from cohorts.pseudo_pairs.contrast_removal import PseudoPair, remove_contrast
from cohorts.pseudo_pairs.label_map import body_mask, label_map, uptake_mask
from cohorts.pseudo_pairs.morphology import bounding_box
from cohorts.pseudo_pairs.organ_map import organ_map
from cohorts.pseudo_pairs.recipe import SPLITS, Recipe, Series
from scripts.files import whole_folder, write_whole
from scripts.organs import NO_BRIGHT_BLOOD

logger = logging.getLogger(__name__)

BODY_MARGIN_VOXELS = 16

UNENHANCED_BLOOD_HU = (36.0, 44.0)

_DATALIST = "datalist.json"

RAISED_HU = 50.0
"""The partly filled rim of a vessel is enhanced too: what rises by more counts as label 2."""


def misaligned(cta_hu: np.ndarray, volume: Volume, misalignment_mm: float, rng: np.random.Generator) -> np.ndarray:
    """Deform an aligned CTA, (slices, rows, columns) in HU, as if the patient had moved between the two scans."""
    if misalignment_mm == 0:
        return cta_hu
    slice_mm, row_mm, column_mm = volume.spacing_mm
    spacing_mm = (row_mm, column_mm, slice_mm)  # the phantom's order
    return deform(cta_hu, random_displacement_mm(rng, cta_hu.shape, spacing_mm, misalignment_mm), spacing_mm)


def make_pair(
    source: Path, series: Series, target_lumen_hu: float | None, rng: np.random.Generator
) -> tuple[Volume, PseudoPair, np.ndarray, np.ndarray]:
    """Read one series and make its pair.

    Returns:
        The CTA cropped to the body, the pair on its grid, the label map (slices, rows, columns) uint8, and the bit
        masks of possible organs, uint16.
    """
    if series.blood_hu is None:
        series = replace(series, blood_hu=float(rng.uniform(*UNENHANCED_BLOOD_HU)))
    slice_mm = read_image(source / series.series).GetSpacing()[2]
    volume = read_volume(source / series.series)
    if series.slices_mm is not None:
        first, last = ((z - volume.origin_mm[2]) / volume.spacing_mm[0] for z in series.slices_mm)
        volume = crop(volume, (slice(max(0, round(first)), max(0, round(last) + 1)), slice(0, None), slice(0, None)))
        if not volume.hu.size:
            raise ValueError("slices_mm lies outside the scan")
    if series.smooth_mm:
        width = (0.0, *(series.smooth_mm / d for d in volume.spacing_mm[1:]))
        volume = replace(volume, hu=ndimage.gaussian_filter(volume.hu, width))
    body = body_mask(volume)
    margin = BODY_MARGIN_VOXELS
    box = bounding_box(body, (len(body), margin, margin))
    volume, body = crop(volume, box), np.ascontiguousarray(body[box])
    masks = component_masks(volume, body, series, source)
    pair = remove_contrast(volume, series, masks, target_lumen_hu, slice_mm, rng)
    uptake = uptake_mask(volume, np.any(masks, axis=0)) | (pair.cta_aligned_hu - pair.ncct_hu > RAISED_HU)
    organs = organ_map(pair.ncct_hu, series.components, masks)
    if series.marks is not None:
        name_negatives(organs, volume, read_marks(series.marks), slice_mm / 2, only=NO_BRIGHT_BLOOD)
    return volume, pair, label_map(body, uptake, series.components, masks), organs


def write_cohort(source: Path, out: Path, recipe: Recipe) -> None:
    """Make every series of the recipe and write it under `out`; the source is only read.

    Raises:
        FileExistsError: when the folder's datalist names patients who are not in the recipe.
        ValueError: when a series cannot be made; its patient is named.
    """
    check_own_folder(out, {series.patient for series in recipe.series})
    (out / _DATALIST).unlink(missing_ok=True)  # it may name pairs that are replaced now
    datalist: dict[str, list] = {split: [] for split in SPLITS}
    for series in tqdm(recipe.series, desc="pseudo-pairs", unit="patient"):
        rng = np.random.default_rng([recipe.seed, zlib.crc32(series.patient.encode())])
        try:
            volume, pair, labels, organs = make_pair(source, series, recipe.target_lumen_hu, rng)
        except ValueError as error:
            raise ValueError(f"{series.patient}: {error}") from error
        cta_hu = misaligned(pair.cta_aligned_hu, volume, recipe.misalignment_mm, rng)
        volumes = {"ncct": pair.ncct_hu, "cta": cta_hu, "cta_aligned": pair.cta_aligned_hu}
        volumes |= {"structures": labels, "organs": organs}
        out.mkdir(parents=True, exist_ok=True)
        with whole_folder(out / series.patient) as folder:
            for name, values in volumes.items():
                write_volume(folder / f"{name}.nii", values, volume)
        entry = {"patient": series.patient, "region": series.region, "label": series.label}
        datalist[series.split].append(entry | {name: f"{series.patient}/{name}.nii" for name in volumes})
        logger.info("%s: lumen %s HU, noise %.1f HU", series.patient, pair.level_hu, pair.noise.sd_hu)
    write_whole(out / _DATALIST, json.dumps(datalist, indent=2) + "\n")
