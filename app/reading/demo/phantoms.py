"""Pairs of phantom patients: their CTA, and a stand-in for the Syn-CTA that is degraded in a known way."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from app.reading.protocol.items import DIAGNOSES
from operators.errors import Reason, Refusal

PATIENTS, TRAINING = 12, 3
MATRIX, SLICES, SPACING_MM = 96, 16, (3.4, 3.4, 7.0)  # column, row, slice: small, so that all take a minute
REGIONS = ("chest", "abdomen", "neck")
_FIRST_SEED = 3000
_SYN_SHARE, _SYN_BLUR_MM = 0.8, 1.5
"""The stand-in has 80 % of the enhancement and is a little softer; it is not made by the app."""

_BUNDLE = Path(__file__).resolve().parents[3] / "bundle"
_MAKE = """\
import json, sys, numpy as np
from cohorts.phantom import generate_patient
order = json.load(sys.stdin)
for patient in order["patients"]:
    made = generate_patient(patient["seed"], patient["region"], patient["disease"], **order["grid"])
    np.savez(patient["out"], ncct=made.ncct_hu, cta=made.cta_aligned_hu)
    print(flush=True)
"""
"""Runs in the bundle's folder: the app imports nothing of the bundle."""


def write_phantom_pairs(folder: Path, tell: Callable[[str], None]) -> Path:
    """Make the pairs and their pairs.csv.

    Args:
        folder: exists; takes the images.
        tell: takes lines of progress.

    Returns:
        pairs.csv.

    Raises:
        Refusal: SETTINGS, when the bundle is not beside the app.
    """
    numbers = range(PATIENTS + TRAINING)
    patients = [
        {
            "seed": _FIRST_SEED + number,
            "region": REGIONS[number % len(REGIONS)],
            "disease": DIAGNOSES[number % len(DIAGNOSES)],
            "out": str(folder / f"{number}.npz"),
        }
        for number in numbers
    ]
    rows = []
    for number, patient in zip(numbers, _made(patients, tell), strict=True):
        name = f"PHANTOM-{patient['seed']}"
        with np.load(patient["out"]) as volumes:
            ncct, cta = volumes["ncct"].astype(np.float32), volumes["cta"].astype(np.float32)
        _write(folder / f"{name}-cta.nii.gz", cta, 0.0)
        _write(folder / f"{name}-syn-cta.nii.gz", ncct + _SYN_SHARE * (cta - ncct), _SYN_BLUR_MM)
        training = "yes" if number >= PATIENTS else "no"
        files = [f"{name}-cta.nii.gz", f"{name}-syn-cta.nii.gz"]
        rows.append([name, *files, patient["region"], patient["disease"], patient["disease"], training])
    with (folder / "pairs.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["patient", "cta", "syn_cta", "region", "disease", "truth", "training"])
        writer.writerows(rows)
    return folder / "pairs.csv"


def _made(patients: list[dict], tell: Callable[[str], None]) -> Iterator[dict]:
    """Yield each patient when its volumes are written; one process runs the bundle's generator."""
    column_mm, row_mm, slice_mm = SPACING_MM
    grid = {"slices": SLICES, "matrix": MATRIX, "spacing_mm": (row_mm, column_mm, slice_mm)}
    command = [sys.executable, "-c", _MAKE]
    failed = Refusal(Reason.SETTINGS, "The demo needs the bundle beside the app. Run it in the repository.")
    if not _BUNDLE.is_dir():
        raise failed
    with subprocess.Popen(
        command, cwd=_BUNDLE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None  # both are pipes
        process.stdin.write(json.dumps({"patients": patients, "grid": grid}))
        process.stdin.close()
        for number, patient in enumerate(patients, start=1):
            tell(f"Phantom patient {number} of {len(patients)}: {patient['region']}, {patient['disease']}")
            if not process.stdout.readline():
                raise failed
            yield patient


def _write(path: Path, hu: np.ndarray, blur_mm: float) -> None:
    image = sitk.GetImageFromArray(hu.astype(np.float32))
    image.SetSpacing(SPACING_MM)
    if blur_mm:
        image = sitk.DiscreteGaussian(image, variance=blur_mm**2)
    sitk.WriteImage(sitk.Cast(image, sitk.sitkInt16), str(path))
