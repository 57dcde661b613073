"""NIfTI files of a patient: index order (x, y, z) in LPS, so that slices along z are contiguous in the file."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np

from cohorts.phantom.patient import PhantomPatient

VOLUMES = {"ncct": "ncct_hu", "cta": "cta_hu", "cta_aligned": "cta_aligned_hu", "structures": "structures"}


def lps_affine(shape: tuple[int, int, int], spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """Affine from (x, y, z) index to RAS mm of a volume of shape (z, y, x) centred on the origin.

    Index x rises to the left and y to posterior, hence the two negative signs. `spacing_mm` is (row, column, slice).
    """
    nz, ny, nx = shape
    row, column, slice_mm = spacing_mm
    affine = np.diag([-column, -row, slice_mm, 1.0])
    affine[:3, 3] = ((nx - 1) / 2 * column, (ny - 1) / 2 * row, -(nz - 1) / 2 * slice_mm)
    return affine


def write_nifti(patient: PhantomPatient, folder: Path) -> dict[str, Path]:
    """Write `ncct`, `cta`, `cta_aligned` (int16 HU), `structures` (uint8) as uncompressed .nii; returns the paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, attribute in VOLUMES.items():
        volume = getattr(patient, attribute)  # (z, y, x)
        image = nib.Nifti1Image(np.asfortranarray(volume.T), lps_affine(volume.shape, patient.spacing_mm))
        image.header.set_xyzt_units("mm")
        paths[name] = folder / f"{name}.nii"
        nib.save(image, paths[name])
    return paths
