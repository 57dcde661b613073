"""Reads datalists: JSON files that name each patient's volumes, relative to the file's own folder."""

import json
from collections.abc import Sequence
from pathlib import Path

import nibabel

VOLUMES = ("ncct", "cta", "cta_aligned", "structures")


def patients(datalists: Sequence[str | Path] | str | Path, split: str, limit: int | None = None) -> list[dict]:
    """List the patients of a split.

    Args:
        datalists: one or several datalist files; each record gets its file's folder name as `cohort`.
        split: "training", "validation" or "test".
        limit: keep this many patients at most.

    Returns:
        Records with absolute paths under the keys of `VOLUMES` that the datalist has.

    Raises:
        FileNotFoundError: when a datalist is missing.
        ValueError: when no patient is left.
    """
    if isinstance(datalists, (str, Path)):
        datalists = [datalists]
    records = []
    for datalist in map(Path, datalists):
        if not datalist.is_file():
            raise FileNotFoundError(f"No datalist at {datalist}: make one, or name another.")
        for record in json.loads(datalist.read_text()).get(split, []):
            absolute = {key: str(datalist.parent / record[key]) for key in VOLUMES if key in record}
            records.append({**record, **absolute, "cohort": datalist.parent.name})
    if not records:
        raise ValueError(f"No patient in split {split!r} of {[str(datalist) for datalist in datalists]}.")
    return records[:limit]


def slices(datalists: Sequence[str | Path] | str | Path, split: str, limit: int | None = None) -> list[dict]:
    """List every axial slice of a split: the patient's record with the slice's index as `slice_index`.

    Only headers are read; see `patients` for arguments and errors.
    """
    return [
        {**record, "slice_index": index}
        for record in patients(datalists, split, limit)
        for index in range(nibabel.load(record["ncct"]).shape[2])
    ]
