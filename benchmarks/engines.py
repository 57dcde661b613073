"""Compares the results of OpenVINO and PyTorch for the same series, voxel by voxel.

    python benchmarks/engines.py STUDY [STUDY ...]

The app runs with each engine on each folder; the table shows the differences of both results in HU. Exit code 1 above
the limits: 2 HU on average, 10 HU anywhere.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pydicom
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
LARGEST_MEAN_HU, LARGEST_HU = 2.0, 10.0


def main() -> int:
    """Run both engines on all series; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", type=Path, nargs="+", metavar="STUDY", help="folder of a non-contrast CT")
    studies = parser.parse_args().studies
    lines, agree = ["| series | slices | mean, HU | largest, HU |", "|---|---|---|---|"], True
    for study in tqdm(studies, desc="series", unit="series"):
        with tempfile.TemporaryDirectory() as scratch:
            found_hu = [_run(study, Path(scratch) / engine, engine) for engine in ("openvino", "torch")]
        apart_hu = [np.abs(found_hu[0][uid] - found_hu[1][uid]) for uid in found_hu[0]]
        mean_hu, largest_hu = float(np.mean(apart_hu)), float(np.max(apart_hu))
        agree &= mean_hu <= LARGEST_MEAN_HU and largest_hu <= LARGEST_HU
        lines.append(f"| {study.name} | {len(apart_hu)} | {mean_hu:.4f} | {largest_hu:.0f} |")
    print("\n".join(lines))
    return int(not agree)


def _run(study: Path, out: Path, engine: str) -> dict[str, np.ndarray]:
    """Convert a study; gives the HU of each slice by the SOP Instance UID of its source."""
    command = [sys.executable, "-m", "app", "-i", study.resolve(), "-o", out, "--engine", engine, "--device", "cpu"]
    subprocess.run([*map(str, command), "-l", "ERROR"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    slices_hu = {}
    for path in (out / "syn-cta").glob("*.dcm"):
        ds = pydicom.dcmread(path)
        source = ds.SourceImageSequence[0].ReferencedSOPInstanceUID
        slices_hu[str(source)] = ds.pixel_array * np.float32(ds.RescaleSlope) + np.float32(ds.RescaleIntercept)
    return slices_hu


if __name__ == "__main__":
    sys.exit(main())
