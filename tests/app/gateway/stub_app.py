"""Stands in for the app where the gateway is tested: same options, same exit codes, a result in a fraction of a second.

Each source object becomes a small synthetic CT object with a deterministic UID, as the app does it.
"""

import argparse
import json
import os
import signal
import sys
import time
from hashlib import sha256
from pathlib import Path

import pydicom
from pydicom.uid import generate_uid


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("-i", type=Path)
    parser.add_argument("-o", type=Path)
    parser.add_argument("--seconds", type=float, default=0.0, help="how long the run takes")
    parser.add_argument("--hold", type=Path, help="the run does not end before this file exists")
    parser.add_argument("--runs", type=Path, help="a line is added for each run that begins")
    parser.add_argument("--exit", type=int, default=0, help="exit code, with --reason")
    parser.add_argument("--reason", default="contrast")
    parser.add_argument("--until", type=Path, help="fails with --exit until this file exists")
    parser.add_argument("--kill-gateway", action="store_true", help="takes the gateway down")
    chosen = parser.parse_args()
    if chosen.runs:
        with chosen.runs.open("a") as runs:
            runs.write(f"{os.getpid()} {chosen.i.parent.name}\n")
    if chosen.kill_gateway:
        os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(chosen.seconds)
    while chosen.hold and not chosen.hold.exists():
        time.sleep(0.05)
    if chosen.exit and not (chosen.until and chosen.until.exists()):
        print(json.dumps({"status": "refused", "exit_code": chosen.exit, "reason": chosen.reason}), file=sys.stderr)
        return chosen.exit
    sources = []
    for path in sorted(chosen.i.iterdir()):
        try:
            sources.append(pydicom.dcmread(path))
        except pydicom.errors.InvalidDicomError:
            continue
    content = sorted(f"{ds.SOPInstanceUID} {ds.PatientName} {sha256(ds.PixelData).hexdigest()}" for ds in sources)
    series = generate_uid(None, content)
    (chosen.o / "syn-cta").mkdir(parents=True)
    for i, ds in enumerate(sources):
        ds.SyntheticData = "YES"
        ds.ImageType = ["DERIVED", "SECONDARY", "AXIAL", "SYNTHETIC"]
        ds.SeriesInstanceUID = series
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid(None, [series, ds.SOPInstanceUID])
        ds.save_as(chosen.o / "syn-cta" / f"{i + 1:04d}.dcm")
    return 0


if __name__ == "__main__":
    sys.exit(main())
