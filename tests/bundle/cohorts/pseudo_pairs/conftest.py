"""A synthetic CTA: an aorta of 300 HU in tissue of 50 HU, beside lung and a bone of high spread; noise of 10 HU."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import ndimage

from cohorts.ct.reading import WORKING_SPACING_MM, Volume
from cohorts.pseudo_pairs.recipe import Component, Series

NOISE_HU = 10.0
BLOOD_HU = 40.0
CENTRE_PX = (70, 68)
RADIUS_PX = 14


@dataclass(frozen=True)
class Phantom:
    """The synthetic scan, its truth without contrast and noise, its recipe and where things lie."""

    volume: Volume
    unenhanced_hu: np.ndarray
    series: Series
    lumen: np.ndarray
    bone: np.ndarray
    calcium: np.ndarray
    tissue: np.ndarray
    radius_px: np.ndarray
    angle_deg: np.ndarray


def position_mm(row: int, column: int, index: int) -> tuple[float, float, float]:
    """LPS position of a voxel of a volume that starts at the origin."""
    slice_mm, row_mm, column_mm = WORKING_SPACING_MM
    return (column * column_mm, row * row_mm, index * slice_mm)


@pytest.fixture(scope="session")
def phantom() -> Phantom:
    rng = np.random.default_rng(3)
    shape = (12, 140, 150)
    _, row, column = np.indices(shape)
    body = ((row - 70) / 62) ** 2 + ((column - 75) / 68) ** 2 < 1
    lung = body & (column > 80) & (column < 130) & (np.abs(row - 70) < 40)
    radius = np.hypot(row - CENTRE_PX[0], column - CENTRE_PX[1])
    angle = np.degrees(np.arctan2(row - CENTRE_PX[0], column - CENTRE_PX[1]))
    lumen = radius < RADIUS_PX
    bone = (np.abs(row - 105) < 9) & (np.abs(column - 60) < 12)
    calcium = (np.abs(radius - 13) < 2) & (np.abs(angle - 180) < 12)
    hu = np.where(body, 50.0, -1000.0)
    hu[lung], hu[lumen] = -850.0, 300.0
    hu[bone] = rng.uniform(150, 900, shape)[bone]
    hu[calcium] = 900.0
    unenhanced_hu = ndimage.gaussian_filter(np.where(lumen & ~calcium, BLOOD_HU, hu), (0, 0.8, 0.8))
    hu = ndimage.gaussian_filter(hu, (0, 0.8, 0.8)) + NOISE_HU * rng.standard_normal(shape)
    series = Series(
        patient="synthetic",
        series="cta.nii",
        region="chest",
        label="healthy",
        split="training",
        threshold_hu=150,
        blood_hu=BLOOD_HU,
        components=(
            Component("aorta", "artery", seeds_mm=(position_mm(*CENTRE_PX, 6),)),
            Component("spine", "keep", seeds_mm=(position_mm(105, 60, 6),)),
        ),
    )
    volume = Volume(hu.astype(np.float32), WORKING_SPACING_MM, (0.0, 0.0, 0.0))
    tissue = body & ~lung & (radius > RADIUS_PX + 8) & ~ndimage.binary_dilation(bone, iterations=6)
    tissue &= ndimage.binary_erosion(body, iterations=6) & (column < 76)
    return Phantom(volume, unenhanced_hu, series, radius < RADIUS_PX - 4, bone, calcium, tissue, radius, angle)
