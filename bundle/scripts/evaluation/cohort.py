"""Distinguishes the patients of several cohorts, and checks their volumes before anything is scored."""

import os
from collections.abc import Sequence

from scripts.data.datalist import VOLUMES
from scripts.data.grid import grid_problems


def has_several_cohorts(records: Sequence[dict]) -> bool:
    """Whether records of `scripts.data.patients` come from datalists of several folders."""
    return len({record["cohort"] for record in records}) > 1


def name_by_cohort(records: Sequence[dict]) -> list[dict]:
    """Name patients `cohort/patient` where there are several cohorts, each of which counts its patients from one.

    Args:
        records: records of `scripts.data.patients`.

    Returns:
        The records; those of one cohort unchanged.
    """
    if not has_several_cohorts(records):
        return list(records)
    return [{**record, "patient": f"{record['cohort']}/{record['patient']}"} for record in records]


def check_cohort(records: Sequence[dict]) -> None:
    """Check by their headers that all volumes can be read, and that those of a patient lie on the grid of the NCCT.

    Args:
        records: as `name_by_cohort` names them.

    Raises:
        ValueError: listing everything that is wrong.
    """
    problems = [problem for record in records for problem in grid_problems(record, VOLUMES)]
    problems += _repeated(records)
    if problems:
        raise ValueError("The cohort cannot be scored:\n  " + "\n  ".join(problems))


def _repeated(records: Sequence[dict]) -> list[str]:
    nccts: dict[str, list[str]] = {}
    for record in records:
        nccts.setdefault(record["patient"], []).append(os.path.realpath(record["ncct"]))
    shared = {name: paths for name, paths in nccts.items() if len(set(paths)) > 1}
    problems = [f"{name}: listed {len(paths)} times" for name, paths in nccts.items() if len(paths) > len(set(paths))]
    if shared:
        name, paths = next(iter(shared.items()))
        problems.append(
            f"names shared by different patients: {len(shared)}, such as {name} ({', '.join(paths)}). Rename the "
            "patients, or give the folders of their datalists different names"
        )
    return problems
