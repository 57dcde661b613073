"""Checks the volumes of a cohort before anything is scored."""

from collections import Counter
from collections.abc import Sequence

from scripts.data.datalist import VOLUMES
from scripts.data.grid import grid_problems


def check_cohort(records: Sequence[dict]) -> None:
    """Check by their headers that all volumes can be read, and that those of a patient lie on the grid of the NCCT.

    Args:
        records: records of `scripts.data.patients`.

    Raises:
        ValueError: listing everything that is wrong.
    """
    problems = [problem for record in records for problem in grid_problems(record, VOLUMES)]
    names = [record["patient"] for record in records]
    problems += [f"{name}: listed {count} times" for name, count in Counter(names).items() if count > 1]
    if problems:
        raise ValueError("The cohort cannot be scored:\n  " + "\n  ".join(problems))
