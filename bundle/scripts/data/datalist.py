"""Datalists: JSON files that name each patient's volumes.

    {"training": [{"patient": "p1", "ncct": "p1/ncct.nii", "cta": "p1/cta.nii"}, ...],
     "validation": [...], "test": [...]}

Paths are relative to the file's folder. Volumes are NIfTI in HU on one grid per patient, index order LPS, at the
working spacing (0.67 x 0.67 x 1.25 mm), best uncompressed. Training needs "training" and "validation". Of a record,
"patient", "ncct" and "cta" are needed; "cta_aligned" (truth on the NCCT's anatomy) and "structures" (labels of
`scripts.structures`) are what phantoms have and real pairs lack; "lumen" (a mask or label map of the arterial lumen,
such as labels of TotalSegmentator) lets real pairs be scored by their vessels; "region" and "label" balance the
sampling. "context" is the map of the context network that `python -m cohorts.context` writes, on voxels of its own,
for a generator with `context_channels`.
"""

import json
import logging
import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel

from scripts.data.grid import check_grids
from scripts.data.slice_records import SliceRecords

logger = logging.getLogger(__name__)

VOLUMES = ("ncct", "cta", "cta_aligned", "structures", "lumen")
CONTEXT = "context"
_NEEDED = ("patient", "ncct", "cta")


def datalists(
    named: str | Sequence[str] | None, dataset_dir: str | Path, make_phantoms: Callable[[str], str]
) -> list[str]:
    """Choose the datalists of a training run.

    Args:
        named: datalist or datalists that the user named.
        dataset_dir: without any, the folder whose datalist.json is taken.
        make_phantoms: makes a phantom cohort in a folder and returns its datalist; called when there is none to take.
    """
    if named is not None:
        return [named] if isinstance(named, str) else list(named)
    folder = Path(dataset_dir)
    own = folder / "datalist.json"
    if own.is_file():
        logger.info("Using %s as it is. The phantom settings have an effect only if there is no datalist.", own)
        return [str(own)]
    return [str(make_phantoms(str(folder)))]


def patients(named: Sequence[str | Path] | str | Path, split: str, limit: int | None = None) -> list[dict]:
    """List the patients of a split.

    Args:
        named: one or several datalist files; each record gets its file's folder name as `cohort`.
        split: "training", "validation" or "test".
        limit: keep this many patients at most, of each cohort and region in turn.

    Returns:
        Records with absolute paths under the keys of `VOLUMES` that the datalist has.

    Raises:
        FileNotFoundError: when a datalist is missing.
        ValueError: when a record lacks what is needed, or no patient is left.
    """
    files = [Path(named)] if isinstance(named, (str, Path)) else [Path(name) for name in named]
    records = [record for file in files for record in _records(file, split)]
    if not records:
        raise ValueError(f"No patient in split {split!r} of {', '.join(map(str, files))}. Add at least one.")
    if limit is None or limit >= len(records):
        return records
    logger.info("Using %d of the %d patients of split %r.", limit, len(records), split)
    return _first_of_each_group(records, limit)


def slices(records: Sequence[dict], spacing_mm: Sequence[float]) -> SliceRecords:
    """List every axial slice of patients: the patient's record with the slice's index as `slice_index`.

    Only headers are read. See `check_grids` for errors: a CTA on another grid would pair slices that do not belong
    together.

    Args:
        records: as `patients` lists them.
        spacing_mm: of the voxels (x, y, z).
    """
    check_grids(records, ("ncct", "cta"), spacing_mm)
    return SliceRecords(records, [nibabel.load(record["ncct"]).shape[2] for record in records])


def validation_volumes(records: Sequence[dict], spacing_mm: Sequence[float]) -> list[dict]:
    """List what a validation needs: "patient", "image", "label" (aligned truth, else the acquired CTA) and the masks.

    "structures", "lumen" and "context" are there where the records have them. See `check_grids` for errors.

    Args:
        records: as `patients` lists them.
        spacing_mm: of the voxels (x, y, z).
    """
    check_grids(records, VOLUMES, spacing_mm)
    return [
        {"patient": record["patient"], "image": record["ncct"], "label": record.get("cta_aligned", record["cta"])}
        | {key: record[key] for key in ("structures", "lumen", CONTEXT) if key in record}
        for record in records
    ]


def volumes(folder: str | Path) -> list[dict[str, str]]:
    """List the NIfTI volumes of a folder as {"image": path}.

    Raises:
        FileNotFoundError: when there is none.
    """
    found = sorted(str(path) for pattern in ("*.nii", "*.nii.gz") for path in Path(folder).glob(pattern))
    if not found:
        raise FileNotFoundError(f"No *.nii or *.nii.gz in {folder}. Give the folder of the volumes with --dataset_dir.")
    return [{"image": path} for path in found]


def _first_of_each_group(records: Sequence[dict], limit: int) -> list[dict]:
    """The first of each cohort and region, then the second of each, and so on; those taken keep their order."""
    seen: Counter = Counter()
    turns = []
    for record in records:
        group = (record["cohort"], record["region"])
        turns.append(seen[group])
        seen[group] += 1
    taken = sorted(range(len(records)), key=turns.__getitem__)[:limit]
    return [records[index] for index in sorted(taken)]


def _records(file: Path, split: str) -> list[dict]:
    if not file.is_file():
        raise FileNotFoundError(f"No datalist at {file}. Make it, or give another one.")
    folder = Path(os.path.abspath(file)).parent.name  # also of ../datalist.json
    records = []
    for record in json.loads(file.read_text()).get(split, []):
        missing = [key for key in _NEEDED if key not in record]
        if missing:
            raise ValueError(
                f"{file}: a patient of split {split!r} has no {', '.join(missing)}; found {', '.join(record)}."
            )
        absolute = {key: str(file.parent / record[key]) for key in (*VOLUMES, CONTEXT) if key in record}
        records.append({"region": "unknown", "label": "unknown", **record, **absolute, "cohort": folder})
    return records
