"""Find results of the app in a folder: one result, or many below it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operators.errors import Reason, Refusal
from operators.output.staging import RESULT_FILE

_PATTERNS = (RESULT_FILE, f"*/{RESULT_FILE}", f"*/*/{RESULT_FILE}")


@dataclass(frozen=True)
class Result:
    """One result.

    Attributes:
        folder: where it lies.
        name: what the list calls it: its folder below the folder that was given.
        record: its result.json.
    """

    folder: Path
    name: str
    record: dict[str, Any]


def find_results(folder: Path) -> list[Result]:
    """Find all results in a folder and two levels below it.

    Args:
        folder: a result, or a folder of results.

    Returns:
        The results, by name.

    Raises:
        Refusal: NO_INPUT, when there is none; CORRUPT, when the only one cannot be read.
    """
    if not folder.is_dir():
        raise Refusal(Reason.NO_INPUT, "The result folder does not exist. Give the output folder of a run (-o).")
    paths = sorted({path for pattern in _PATTERNS for path in folder.glob(pattern)})
    if not paths:
        raise Refusal(
            Reason.NO_INPUT,
            f"There is no {RESULT_FILE} in the folder or its sub-folders. Give the output folder (-o) of a successful "
            "run.",
        )
    results = [result for path in paths if (result := _read(path, folder)) is not None]
    if not results:
        raise Refusal(Reason.CORRUPT, f"{RESULT_FILE} was not written by this app, or is damaged. Run the app again.")
    return results


def _read(path: Path, folder: Path) -> Result | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        series = record["series"]
        if not {"slices", "rows", "columns", "affine_lps_mm"} <= series.keys():
            return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    place = path.parent.relative_to(folder)
    return Result(path.parent, path.parent.resolve().name if place == Path() else place.as_posix(), record)
