"""Checks by their headers that volumes can be used: on one grid for each patient, and of the spacing to train on."""

from collections.abc import Sequence
from math import prod
from pathlib import Path

import nibabel
import numpy as np
from nibabel.filebasedimages import ImageFileError

_INDEX_ORDER = ("L", "P", "S")
_AFFINE_TOLERANCE_MM = 0.01
_SPACING_TOLERANCE = 0.02


def check_grids(records: Sequence[dict], keys: Sequence[str], spacing_mm: Sequence[float] | None = None) -> None:
    """Check that all volumes can be read, and that those of a record lie on the grid of its first.

    Args:
        records: records of `scripts.data.patients`.
        keys: keys of the volumes; a record need not have all.
        spacing_mm: what the voxels must measure (x, y, z), in index order LPS; None for any grid.

    Raises:
        ValueError: listing everything that is wrong.
    """
    problems = [problem for record in records for problem in grid_problems(record, keys, spacing_mm)]
    if problems:
        raise ValueError("These volumes cannot be used:\n  " + "\n  ".join(problems))


def grid_problems(record: dict, keys: Sequence[str], spacing_mm: Sequence[float] | None = None) -> list[str]:
    """List what is wrong with one patient's volumes; see `check_grids`."""
    problems, first = [], None
    for key in (key for key in keys if key in record):
        name = f"{record['patient']}, {key}"
        try:
            image = nibabel.load(record[key])
        except (OSError, ImageFileError) as error:
            problems.append(f"{name}: cannot be read ({error})")
            continue
        if _is_cut_off(image, Path(record[key])):
            problems.append(f"{name}: the file is incomplete: copy or make it again")
        elif len(image.shape) != 3:
            problems.append(f"{name}: a volume has 3 axes, found shape {image.shape}")
        elif first is None:
            first = image
            problems += [f"{name}: {problem}" for problem in _spacing_problems(image, spacing_mm)]
        elif image.shape != first.shape or not np.allclose(image.affine, first.affine, atol=_AFFINE_TOLERANCE_MM):
            problems.append(
                f"{name}: not on the grid of the NCCT (shape {image.shape}, NCCT {first.shape}): resample it first"
            )
    return problems


def _is_cut_off(image: nibabel.Nifti1Image, path: Path) -> bool:
    """Whether an uncompressed file is shorter than its header says; a compressed one does not show it."""
    if path.suffix == ".gz":
        return False
    return path.stat().st_size < image.dataobj.offset + prod(image.shape) * image.get_data_dtype().itemsize


def _spacing_problems(image: nibabel.Nifti1Image, spacing_mm: Sequence[float] | None) -> list[str]:
    if spacing_mm is None:
        return []
    order = nibabel.aff2axcodes(image.affine)
    if order != _INDEX_ORDER:
        return [f"stored in index order {''.join(order)}, not {''.join(_INDEX_ORDER)}: reorient it first"]
    found_mm = image.header.get_zooms()
    if np.allclose(found_mm, spacing_mm, rtol=_SPACING_TOLERANCE):
        return []
    return [
        f"voxels of {_description(found_mm)} mm, expected {_description(spacing_mm)}: resample it first, as `prepare` "
        "does, or set pixel_mm and slice_mm to the spacing of all volumes"
    ]


def _description(spacing_mm: Sequence[float]) -> str:
    return " x ".join(f"{axis_mm:.4g}" for axis_mm in spacing_mm)
