"""Measures the peak memory of the app on a long series, beyond the memory of its libraries.

    python benchmarks/memory.py                                   # 1500 slices of 512 x 512
    python benchmarks/memory.py --slices 1500 --limit-gib 4       # exit code 1 above the limit
    python benchmarks/memory.py --slope 0.5                       # HU that need float32 in memory

The series is synthetic: a round body with noise, stored as a scanner stores it. The app runs as its users run it, in a
process of its own. A run on a series of a few small slices measures the memory of the libraries.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.round_body import write_round_body  # noqa: E402 - found by the line above

FEW_SLICES, SMALL_MATRIX = 8, 64


def main() -> int:
    """Run the benchmark; returns 1 when the app needs more than the limit."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--slices", type=int, default=1500, help="slices of the series")
    parser.add_argument("--matrix", type=int, default=512, help="rows and columns")
    parser.add_argument("--pixel-mm", type=float, default=0.78, help="pixel spacing")
    parser.add_argument("--slice-mm", type=float, default=1.0, help="slice spacing")
    parser.add_argument("--slope", type=float, default=1.0, help="Rescale Slope; a fraction needs float32 in memory")
    parser.add_argument("--bundle", type=Path, default=ROOT / "bundle", help="bundle of the app")
    parser.add_argument("--settings", type=Path, default=ROOT / "app.yaml", help="settings of the app")
    parser.add_argument("--limit-gib", type=float, default=4.0, help="limit of the memory beyond the libraries, in GiB")
    parser.add_argument("--scratch", type=Path, default=None, help="folder for series and result; needs a few GB")
    arguments = parser.parse_args()
    peaks_gib = {}
    for slices, matrix in ((FEW_SLICES, SMALL_MATRIX), (arguments.slices, arguments.matrix)):
        with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
            folder = Path(scratch)
            write_round_body(
                folder / "in",
                slices,
                matrix,
                pixel_mm=arguments.pixel_mm,
                slice_mm=arguments.slice_mm,
                slope=arguments.slope,
            )
            peaks_gib[slices], seconds = _peak_gib(folder, arguments)
            result = json.loads((folder / "out" / "result.json").read_text())
            print(f"{slices} slices of {matrix} x {matrix}: {peaks_gib[slices]:.2f} GiB at the peak, {seconds:.0f} s")
            print("  " + ", ".join(f"{stage} {value:.1f} s" for stage, value in result["seconds"].items()), flush=True)
    beyond_gib = peaks_gib[arguments.slices] - peaks_gib[FEW_SLICES]
    print(f"beyond the libraries: {beyond_gib:.2f} GiB; limit {arguments.limit_gib:g} GiB")
    return int(beyond_gib > arguments.limit_gib)


def _peak_gib(folder: Path, arguments: argparse.Namespace) -> tuple[float, float]:
    """Highest resident memory of the app, and its duration in s."""
    options = {"-i": folder / "in", "-o": folder / "out", "-m": arguments.bundle, "--settings": arguments.settings}
    command = [sys.executable, "-m", "app", *(str(part) for pair in options.items() for part in pair)]
    start = time.perf_counter()
    app = subprocess.Popen([*command, "--device", "cpu", "--log-level", "WARNING"], cwd=ROOT)
    _, status, usage = os.wait4(app.pid, 0)
    if status:
        sys.exit(f"The app ended with exit code {os.waitstatus_to_exitcode(status)}.")
    return usage.ru_maxrss / 2**20, time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
