"""Tiny sources of every layout, from coarse phantom patients of 80 x 80 x 10 voxels."""

import csv
from functools import cache
from pathlib import Path

import nibabel
import numpy as np
import pydicom

from cohorts.phantom import PhantomPatient, generate_patient
from cohorts.phantom.output.dicom import write_dicom_series
from cohorts.phantom.output.nifti import lps_affine
from cohorts.prepare.settings import Checks, PairOptions

SPACING_MM = (5.0, 5.0, 4.0)
SHORT = PairOptions(Checks(min_slices=8))
FAST = {"workers": 0, "pair_options": SHORT}
"""Everything in this process: a pool costs seconds, and has its own tests."""


@cache
def patient(seed: int = 6, misalignment_mm: float = 4.0) -> PhantomPatient:
    grid = {"slices": 10, "matrix": 80, "spacing_mm": SPACING_MM}
    return generate_patient(seed, "chest", "healthy", misalignment_mm=misalignment_mm, **grid)


def save(path: Path, hu: np.ndarray, shift_mm=(0.0, 0.0, 0.0), affine: np.ndarray | None = None) -> Path:
    """Save (slices, rows, columns) as NIfTI; `shift_mm` is along RAS axes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if affine is None:
        affine = lps_affine(hu.shape[:3], SPACING_MM)
        affine[:3, 3] += shift_mm
    nibabel.save(nibabel.Nifti1Image(np.asfortranarray(hu.T), affine), path)
    return path


def save_series(folder: Path, phase: str, seed: int = 6, slices: int | None = None, **tags: object) -> list[Path]:
    """Write one DICOM phase; `tags` replace or, when None, remove attributes of every slice."""
    paths = write_dicom_series(patient(seed), folder, phase)
    for path in paths[slices:] if slices else []:
        path.unlink()
    for path in paths[:slices]:
        header = pydicom.dcmread(path)
        for name, value in tags.items():
            if value is not None:
                setattr(header, name, value)
            elif name in header:
                delattr(header, name)
        header.save_as(path)
    return paths[:slices]


def write_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def touch(root: Path, *names: str) -> Path:
    """Empty files, for what looks at names only."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root
