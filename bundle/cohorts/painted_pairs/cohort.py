"""A recipe's marked scans become painted pairs on disk: `<out>/<patient>/*.nii` and datalist.json."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from tqdm import tqdm

from cohorts.ct.reading import Volume, crop, read_image, read_volume
from cohorts.ct.writing import write_volume
from cohorts.marks.circles import Circle, read_marks
from cohorts.own_folder import check_own_folder
from cohorts.painted_pairs.anatomy import MarkedAnatomy, marked_anatomy
from cohorts.painted_pairs.painting import painted_cta_hu
from cohorts.pseudo_pairs.cohort import BODY_MARGIN_VOXELS
from cohorts.pseudo_pairs.label_map import body_mask
from cohorts.pseudo_pairs.morphology import bounding_box
from scripts.files import whole_folder, write_whole
from scripts.structures import Structure

logger = logging.getLogger(__name__)

LUMEN_HU = 350.0


@dataclass(frozen=True)
class MarkedSeries:
    """One marked NCCT of a recipe.

    Attributes:
        patient: name of the folder that is written.
        series: DICOM folder or image file, relative to the source folder.
        marks: its file of marks, relative to the recipe.
        region, label, split: as in the datalist.
        unmarked_mm: ranges of LPS z in which there are arteries that nobody could mark: training does not learn from
            them what is not an artery.
    """

    patient: str
    series: str
    marks: str
    region: str
    label: str
    split: str
    unmarked_mm: tuple[tuple[float, float], ...] = ()


def read_recipe(path: Path) -> list[MarkedSeries]:
    """Read which scans are painted.

    Raises:
        ValueError: a key is missing or unknown.
    """
    try:
        return [MarkedSeries(**entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["series"]]
    except (TypeError, KeyError) as error:
        raise ValueError(f"{path.name}: {error}.") from error


def paint(
    image_path: Path, circles: list[Circle], unmarked_mm: Sequence[Sequence[float]] = ()
) -> tuple[Volume, np.ndarray, MarkedAnatomy, np.ndarray]:
    """Paint one scan.

    Returns:
        The NCCT cropped to the body, the painted CTA (slices, rows, columns), the anatomy, and the body mask.

    Raises:
        ValueError: none of the marked arteries lies in the scan.
    """
    half_slice_mm = read_image(image_path).GetSpacing()[2] / 2
    volume = read_volume(image_path)
    body = body_mask(volume)
    box = bounding_box(body, (len(body), BODY_MARGIN_VOXELS, BODY_MARGIN_VOXELS))
    volume, body = crop(volume, box), np.ascontiguousarray(body[box])
    anatomy = marked_anatomy(volume, circles, half_slice_mm, unmarked_mm)
    if not anatomy.arteries.any():
        raise ValueError(
            f"{image_path}: no marked artery lies in soft tissue of this scan. Check that the marks belong to it."
        )
    blood_hu = float(np.median(volume.hu[anatomy.arteries]))
    return volume, painted_cta_hu(volume, anatomy.arteries, blood_hu, LUMEN_HU), anatomy, body


def write_cohort(source: Path, out: Path, recipe: Path) -> None:
    """Paint every scan of a recipe and write it under `out`; the source is only read.

    Raises:
        FileExistsError: when `out` holds another cohort.
    """
    recipe_series = read_recipe(recipe)
    check_own_folder(out, {series.patient for series in recipe_series})
    datalist: dict[str, list] = {"training": [], "validation": [], "test": []}
    out.mkdir(parents=True, exist_ok=True)
    for series in tqdm(recipe_series, desc="painted pairs", unit="patient"):
        circles = read_marks(recipe.parent / series.marks)
        try:
            volume, cta_hu, anatomy, body = paint(source / series.series, circles, series.unmarked_mm)
        except ValueError as error:
            raise ValueError(f"{series.patient}: {error}") from error
        structures = np.where(body, Structure.BODY, Structure.OUTSIDE).astype(np.uint8)
        structures[body & ~anatomy.known] = Structure.OTHER_ENHANCING
        structures[anatomy.arteries] = Structure.ARTERIAL_LUMEN
        volumes = {"ncct": volume.hu, "cta": cta_hu, "cta_aligned": cta_hu, "structures": structures}
        volumes |= {"organs": anatomy.possible, "known": anatomy.known.astype(np.uint8)}
        with whole_folder(out / series.patient) as folder:
            for name, values in volumes.items():
                write_volume(folder / f"{name}.nii", values, volume)
        entry = {"patient": series.patient, "region": series.region, "label": series.label}
        datalist[series.split].append(entry | {name: f"{series.patient}/{name}.nii" for name in volumes})
        logger.info("%s: %.0f ml of artery", series.patient, anatomy.arteries.sum() * np.prod(volume.spacing_mm) / 1000)
    write_whole(out / "datalist.json", json.dumps(datalist, indent=2) + "\n")
