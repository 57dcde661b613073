"""Checks the volumes of a cohort before anything is scored."""

from collections import Counter
from collections.abc import Sequence

import nibabel
import numpy as np
from nibabel.filebasedimages import ImageFileError

from scripts.data.datalist import VOLUMES

_AFFINE_TOLERANCE_MM = 0.01


def check_cohort(records: Sequence[dict]) -> None:
    """Check by their headers that all volumes can be read, and that those of a patient lie on the grid of the NCCT.

    Args:
        records: records of `scripts.data.patients`.

    Raises:
        ValueError: listing everything that is wrong.
    """
    problems = [problem for record in records for problem in _problems(record)]
    names = [record["patient"] for record in records]
    problems += [f"{name}: listed {count} times" for name, count in Counter(names).items() if count > 1]
    if problems:
        raise ValueError("The cohort cannot be scored:\n  " + "\n  ".join(problems))


def _problems(record: dict) -> list[str]:
    problems, grid = [], None
    for key in (key for key in VOLUMES if key in record):
        try:
            image = nibabel.load(record[key])
        except (OSError, ImageFileError) as error:
            problems.append(f"{record['patient']}, {key}: cannot be read ({error})")
            continue
        if len(image.shape) != 3:
            problems.append(f"{record['patient']}, {key}: a volume has 3 axes, found shape {image.shape}")
        elif grid is None:
            grid = image
        elif image.shape != grid.shape or not np.allclose(image.affine, grid.affine, atol=_AFFINE_TOLERANCE_MM):
            problems.append(
                f"{record['patient']}, {key}: not on the grid of the NCCT (shape {image.shape}, NCCT {grid.shape}): "
                "resample it first"
            )
    return problems
