"""Pairs of phantom patients: their CTA, and a stand-in for the Syn-CTA that is degraded in a known way."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import SimpleITK as sitk

from app.shipped import BUNDLE
from operators.errors import Reason, Refusal

PATIENTS, TRAINING = 12, 3
_SIZE = ("--slices", "16", "--matrix", "96", "--spacing-mm", "3.4", "3.4", "7.0")
"""Small, so that all take a minute."""

_SYN_SHARE, _SYN_BLUR_MM = 0.8, 1.5
"""The stand-in has 80 % of the enhancement and is a little softer; it is not made by the app."""


def write_phantom_pairs(folder: Path, report_progress: Callable[[str], None]) -> Path:
    """Make the pairs and their pairs.csv.

    Args:
        folder: exists; takes the images.
        report_progress: takes lines of progress.

    Returns:
        pairs.csv.

    Raises:
        Refusal: SETTINGS, when the bundle's phantoms cannot be made.
    """
    report_progress(f"Making {PATIENTS + TRAINING} phantom patients (a minute)")
    cohort = _cohort(folder / "phantoms")
    rows = []
    for split, training in (("test", "no"), ("training", "yes")):
        for patient in cohort[split]:
            ncct, cta = (
                sitk.ReadImage(folder / "phantoms" / patient[name], sitk.sitkFloat32)
                for name in ("ncct", "cta_aligned")
            )
            name, disease = patient["patient"], patient["label"]
            files = [f"{name}-cta.nii.gz", f"{name}-syn-cta.nii.gz"]
            synthetic = sitk.DiscreteGaussian(ncct + _SYN_SHARE * (cta - ncct), variance=_SYN_BLUR_MM**2)
            for file_name, image in zip(files, (cta, synthetic), strict=True):
                sitk.WriteImage(sitk.Cast(image, sitk.sitkInt16), folder / file_name)
            rows.append([name, *files, patient["region"], disease, disease, training])
    with (folder / "pairs.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["patient", "cta", "syn_cta", "region", "disease", "truth", "training"])
        writer.writerows(rows)
    return folder / "pairs.csv"


def _cohort(folder: Path) -> dict[str, list[dict[str, str]]]:
    """Patients by split, made by the bundle's own command: the app imports nothing of the bundle."""
    counts = ["--test", str(PATIENTS), "--training", str(TRAINING), "--validation", "0"]
    command = [sys.executable, "-m", "cohorts.phantom", "cohort", "--out", str(folder.absolute()), *counts, *_SIZE]
    if not BUNDLE.is_dir() or subprocess.run(command, cwd=BUNDLE, stdout=subprocess.DEVNULL, check=False).returncode:
        raise Refusal(Reason.SETTINGS, "The demo could not make its phantom patients with the bundle of the app.")
    return json.loads((folder / "datalist.json").read_text(encoding="utf-8"))
