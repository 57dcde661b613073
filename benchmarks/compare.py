"""Runs the apps of two commits alternately on the same study and prints the costs of both with their ratio.

    python benchmarks/compare.py main HEAD                    # a phantom study of 40 slices, five pairs
    python benchmarks/compare.py v0.1.0 . --study DIR --pairs 9 --options "--engine torch"

A and B are commits, or folders with a checkout. Absolute times on a shared machine vary; the ratio of two runs
in succession varies less. Quote the median of the ratios with its range, and core-seconds rather than seconds.
The first pair warms up (file caches, conversions) and does not count. Both run with this Python and its packages.
"""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ("core-seconds", "of it system", "seconds", "peak memory, GiB")


def main() -> int:
    """Compare; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a", metavar="A", help="commit or folder")
    parser.add_argument("b", metavar="B", help="commit or folder")
    parser.add_argument("--study", type=Path, help="DICOM folder (default: a phantom that is made for it)")
    parser.add_argument("--slices", type=int, default=40, help="slices of the phantom (default: 40)")
    parser.add_argument("--pairs", type=int, default=5, help="pairs of runs to measure, after a warm-up (default: 5)")
    parser.add_argument(
        "--threads", type=int, default=os.cpu_count(), help="threads of the network (default: as many as cores)"
    )
    parser.add_argument("--options", default="", help="further options of both apps")
    parser.add_argument("--json", type=Path, metavar="FILE", help="JSON file for the figures of every run")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        places = ((arguments.a, scratch / "a"), (arguments.b, scratch / "b"))
        folders = [stack.enter_context(_checkout(name, place)) for name, place in places]
        study = arguments.study.resolve() if arguments.study else _phantom(scratch / "study", arguments.slices)
        pairs = []
        for i in range(arguments.pairs + 1):
            pair = [_run(folder, study, scratch / "out", arguments) for folder in folders]
            print(f"{'warm-up' if i == 0 else i}: " + ", ".join(f"{figures['core-seconds']:.1f}" for figures in pair))
            pairs += [pair] if i else []
    print(f"\n{'':<20}{'A':>10}{'B':>10}{'B / A':>10}   lowest to highest, {len(pairs)} pairs")
    for name in FIGURES:
        a, b = ([pair[i][name] for pair in pairs] for i in (0, 1))
        ratios = sorted(after / before for before, after in zip(a, b, strict=True))
        medians = "".join(f"{statistics.median(values):>10.3f}" for values in (a, b, ratios))
        print(f"{name:<20}{medians}   {ratios[0]:.3f} to {ratios[-1]:.3f}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"a": arguments.a, "b": arguments.b, "pairs": pairs}, indent=2) + "\n")
    return 0


@contextmanager
def _checkout(name: str, place: Path):
    """The folder of that name, or a checkout of the commit."""
    if Path(name).is_dir():
        yield Path(name).resolve()
        return
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(place), name], cwd=ROOT, check=True)
    try:
        yield place
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(place)], cwd=ROOT, check=True)


def _phantom(folder: Path, slices: int) -> Path:
    command = [sys.executable, "-m", "cohorts.phantom", "dicom", "--out", str(folder), "--slices", str(slices)]
    subprocess.run([*command, "--region", "chest"], cwd=ROOT / "bundle", check=True, stdout=subprocess.DEVNULL)
    return folder


def _run(folder: Path, study: Path, out: Path, arguments: argparse.Namespace) -> dict[str, float]:
    """Figures of one run of the app, of the whole process."""
    command = [sys.executable, "-m", "app", "-i", str(study), "-o", str(out), "--overwrite", "-l", "ERROR"]
    start = time.perf_counter()
    app = subprocess.Popen(
        [*command, *shlex.split(arguments.options)],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": str(arguments.threads)},
    )
    _, status, usage = os.wait4(app.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        sys.exit(f"The app of {folder} ended with exit code {os.waitstatus_to_exitcode(status)}.")
    figures = (usage.ru_utime + usage.ru_stime, usage.ru_stime, seconds, usage.ru_maxrss / 2**20)
    return dict(zip(FIGURES, figures, strict=True))


if __name__ == "__main__":
    sys.exit(main())
