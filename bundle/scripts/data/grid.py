"""Checks by their headers that the volumes of a patient lie on one grid."""

from collections.abc import Sequence

import nibabel
import numpy as np
from nibabel.filebasedimages import ImageFileError

_AFFINE_TOLERANCE_MM = 0.01


def check_grids(records: Sequence[dict], keys: Sequence[str]) -> None:
    """Check that all volumes can be read, and that those of a record lie on the grid of its first.

    Args:
        records: records of `scripts.data.patients`.
        keys: keys of the volumes; a record need not have all.

    Raises:
        ValueError: listing everything that is wrong.
    """
    problems = [problem for record in records for problem in grid_problems(record, keys)]
    if problems:
        raise ValueError("These volumes cannot be used:\n  " + "\n  ".join(problems))


def grid_problems(record: dict, keys: Sequence[str]) -> list[str]:
    """List what is wrong with one patient's volumes; see `check_grids`."""
    problems, first = [], None
    for key in (key for key in keys if key in record):
        try:
            image = nibabel.load(record[key])
        except (OSError, ImageFileError) as error:
            problems.append(f"{record['patient']}, {key}: cannot be read ({error})")
            continue
        if len(image.shape) != 3:
            problems.append(f"{record['patient']}, {key}: a volume has 3 axes, found shape {image.shape}")
        elif first is None:
            first = image
        elif image.shape != first.shape or not np.allclose(image.affine, first.affine, atol=_AFFINE_TOLERANCE_MM):
            problems.append(
                f"{record['patient']}, {key}: not on the grid of the NCCT (shape {image.shape}, NCCT {first.shape}): "
                "resample it first"
            )
    return problems
