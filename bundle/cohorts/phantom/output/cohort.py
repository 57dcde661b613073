"""A cohort of patients on disk: NIfTI files and a MONAI datalist, made by several processes and resumable."""

from __future__ import annotations

import itertools
import json
import logging
import os
from dataclasses import asdict, dataclass
from functools import partial
from math import gcd
from pathlib import Path
from typing import Any

from tqdm import tqdm

from cohorts.phantom.anatomy import LABELS, REGIONS
from cohorts.phantom.output.nifti import VOLUMES, write_nifti
from cohorts.phantom.patient import GENERATOR_VERSION, generate_patient
from cohorts.worker_pool import run_jobs
from scripts.files import DRAFT_PREFIX, remove_drafts, whole_folder, write_whole

logger = logging.getLogger(__name__)

PATIENT_PREFIX = "phantom-"
"""Prefix of every patient's folder name."""

_PARAMETERS_FILE = "parameters.json"
_NOT_OF_THE_ANATOMY = ("patient", "misalignment_mm", "version")
_SPLIT_STRIDE = 1_000_000  # seeds of the three splits and of neighbouring cohort seeds never meet


@dataclass(frozen=True)
class PatientPlan:
    """Parameters of one patient of the cohort; stored beside its files."""

    patient: str
    seed: int
    region: str
    label: str
    slices: int
    matrix: int
    spacing_mm: tuple[float, float, float]
    misalignment_mm: float
    operated_share: float = 0.0
    bulky_share: float = 0.0
    version: int = GENERATOR_VERSION

    def anatomy(self) -> dict[str, Any]:
        """Keyword arguments of `draw_anatomy` and of the functions that call it."""
        return {name: value for name, value in asdict(self).items() if name not in _NOT_OF_THE_ANATOMY}

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1)


def plan_cohort(
    *,
    training: int,
    validation: int,
    test: int,
    seed: int,
    slices: int,
    matrix: int,
    spacing_mm: tuple[float, float, float],
    misalignment_mm: float,
    operated_share: float = 0.0,
    bulky_share: float = 0.0,
) -> dict[str, list[PatientPlan]]:
    """Seeds, regions and labels of every patient, by split; regions and labels cycle, so each split is balanced."""
    row_mm, column_mm, slice_mm = spacing_mm
    pairs = list(itertools.product(LABELS, REGIONS))
    # A step without a common divisor visits all pairs (5 of 12) and changes region and label at each step: short
    # cohorts are balanced too.
    step = next(step for step in itertools.count(5) if gcd(step, len(pairs)) == 1)
    order = [pairs[(step * k) % len(pairs)] for k in range(len(pairs))]
    plans: dict[str, list[PatientPlan]] = {}
    number = 0
    for split_index, (split, count) in enumerate((("training", training), ("validation", validation), ("test", test))):
        if not 0 <= count < _SPLIT_STRIDE:
            raise ValueError(f"{split} must be 0 to {_SPLIT_STRIDE - 1} patients, found {count}")
        plans[split] = []
        for k in range(count):
            label, region = order[k % len(order)]
            number += 1
            plans[split].append(
                PatientPlan(
                    patient=f"{PATIENT_PREFIX}{split}-{k + 1:04d}",
                    seed=(3 * seed + split_index) * _SPLIT_STRIDE + k,
                    region=region,
                    label=label,
                    slices=slices,
                    matrix=matrix,
                    spacing_mm=(float(row_mm), float(column_mm), float(slice_mm)),
                    misalignment_mm=float(misalignment_mm),
                    operated_share=float(operated_share),
                    bulky_share=float(bulky_share),
                )
            )
    return plans


def read_plan(folder: Path) -> PatientPlan:
    """Read what a patient of a cohort was made from.

    Raises:
        ValueError: when the folder is no phantom's, or was made by another version of the generator.
    """
    stored = folder / _PARAMETERS_FILE
    if not stored.is_file():
        raise ValueError(
            f"{folder} has no {_PARAMETERS_FILE}: it was not written by `python -m cohorts.phantom cohort`."
        )
    values = json.loads(stored.read_text())
    if values.get("version") != GENERATOR_VERSION:
        raise ValueError(f"{folder} was made by another version of the phantoms. Make the cohort again.")
    return PatientPlan(**{**values, "spacing_mm": tuple(values["spacing_mm"])})


def _is_complete(plan: PatientPlan, root: Path) -> bool:
    folder = root / plan.patient
    stored = folder / _PARAMETERS_FILE
    return (
        stored.is_file()
        and stored.read_text() == plan.as_json()
        and all((folder / f"{name}.nii").is_file() for name in VOLUMES)
    )


def _make(plan: PatientPlan, root: Path) -> None:
    """Generate and write one patient; its folder appears whole or not at all."""
    patient = generate_patient(**plan.anatomy(), misalignment_mm=plan.misalignment_mm)
    with whole_folder(root / plan.patient) as folder:
        write_nifti(patient, folder)
        (folder / _PARAMETERS_FILE).write_text(plan.as_json())


def _crashed(plan: PatientPlan) -> None:
    raise ChildProcessError(
        f"The process that made {plan.patient} died twice. Check that 1.5 GB of memory are free for each process."
    )


def _check_folder(root: Path) -> None:
    """Refuse a folder that holds other data, since its datalist would be replaced."""
    datalist = root / "datalist.json"
    listed = json.loads(datalist.read_text()).values() if datalist.is_file() else []
    names = [record["patient"] for split in listed for record in split]
    if root.is_dir():
        # A killed run of an older version leaves drafts with a dot alone before the name.
        names += [path.name.removeprefix(DRAFT_PREFIX).lstrip(".") for path in root.iterdir()]
        names = [name for name in names if name != datalist.name]
    foreign = sorted({name for name in names if not name.startswith(PATIENT_PREFIX)})
    if foreign:
        raise FileExistsError(f"{root} holds other data ({foreign[0]} ...). Give an empty folder for the phantoms.")


def write_cohort(
    dir: str | os.PathLike,
    *,
    training: int = 48,
    validation: int = 8,
    test: int = 12,
    seed: int = 0,
    slices: int = 48,
    matrix: int = 512,
    spacing_mm: tuple[float, float, float] = (0.67, 0.67, 1.25),
    misalignment_mm: float = 4.0,
    operated_share: float = 0.0,
    bulky_share: float = 0.0,
    workers: int | None = None,
) -> str:
    """Write a cohort and its datalist; patients that are there with the same parameters are kept.

    No other process may be writing the cohort: half-written files of a killed process are removed first.

    Args:
        dir: folder of the cohort; made when missing.
        training, validation, test: number of patients of each split; the splits share no seed.
        seed: seed of the cohort.
        slices, matrix, spacing_mm, misalignment_mm, operated_share, bulky_share: see `generate_patient`.
        workers: processes, each of which needs about 1.5 GB; the number of CPUs, at most 8, when None.

    Returns:
        Path of `datalist.json`, which is written last.

    Raises:
        FileExistsError: when the folder holds anything but phantoms.
        ChildProcessError: when the process of a patient died twice.
    """
    root = Path(dir)
    _check_folder(root)
    root.mkdir(parents=True, exist_ok=True)
    remove_drafts(root)
    plans = plan_cohort(
        training=training,
        validation=validation,
        test=test,
        seed=seed,
        slices=slices,
        matrix=matrix,
        spacing_mm=spacing_mm,
        misalignment_mm=misalignment_mm,
        operated_share=operated_share,
        bulky_share=bulky_share,
    )
    missing = [plan for split in plans.values() for plan in split if not _is_complete(plan, root)]
    workers = workers or min(8, os.cpu_count() or 1)
    total = sum(len(split) for split in plans.values())
    logger.info("phantom cohort: %d patients, %d still to make, %d processes", total, len(missing), workers)
    if missing:
        processes = 0 if min(workers, len(missing)) <= 1 else workers
        made = run_jobs(partial(_make, root=root), missing, processes, _crashed)
        for _ in tqdm(made, total=len(missing), desc="phantom patients", unit="patient"):
            pass
    datalist = {
        split: [
            {"patient": p.patient, "region": p.region, "label": p.label}
            | {name: f"{p.patient}/{name}.nii" for name in VOLUMES}
            for p in members
        ]
        for split, members in plans.items()
    }
    path = root / "datalist.json"
    write_whole(path, json.dumps(datalist, indent=1))
    return str(path)
