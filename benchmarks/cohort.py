"""Measures a cohort against the number of workers: studies an hour, and core-seconds, which do not depend on load.

python benchmarks/cohort.py                         # 1 and 2 workers, 8 phantom studies of 48 slices
python benchmarks/cohort.py --workers 1 8 --gpus 1  # one GPU for each worker
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="numbers of workers to measure")
    parser.add_argument("--studies", type=int, default=8, help="studies of the cohort")
    parser.add_argument("--slices", type=int, default=48, help="slices of a study")
    parser.add_argument("--matrix", type=int, default=512, help="rows and columns of a study")
    parser.add_argument("--cpus", type=int, default=1, help="threads of a worker")
    parser.add_argument("--gpus", type=float, default=0.0, help="GPUs of a worker")
    arguments = parser.parse_args()
    if arguments.studies <= max(arguments.workers):
        parser.error(
            f"--studies {arguments.studies} must be more than the {max(arguments.workers)} workers, since the first "
            "study of each is cold"
        )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        size = ["--slices", str(arguments.slices), "--matrix", str(arguments.matrix), "--region", "chest"]
        phantom = [sys.executable, "-m", "cohorts.phantom", "dicom", "--out", str(folder / "ncct"), *size]
        subprocess.run(phantom, cwd=ROOT / "bundle", check=True, stdout=subprocess.DEVNULL)
        print(f"{'':24}{'seconds':>10}{'s/study':>10}{'studies/h':>12}{'core-s/study':>16}")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        alone = _timed(["-m", "app", "-i", folder / "ncct", "-o", folder / "alone", "-l", "WARNING"], arguments.cpus)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        computing = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"{'the app, one study':24}{alone:10.1f}{alone:10.1f}{3600 / alone:12.0f}{computing:16.1f}")
        for workers in arguments.workers:
            _row(folder, workers, arguments)
        _sizes(folder / "alone", folder / "ncct")
    return 0


def _row(folder: Path, workers: int, arguments: argparse.Namespace) -> None:
    manifest = folder / f"{workers}.csv"
    lines = [f"study-{i},ncct,out/{workers}/{i}" for i in range(arguments.studies)]
    manifest.write_text("\n".join(["study,input,output", *lines]) + "\n")
    share = ["--cpus", str(arguments.cpus), "--gpus", str(arguments.gpus), "--no-progress", "-l", "WARNING"]
    seconds = _timed(["-m", "app.cohort", manifest, "--workers", str(workers), *share], arguments.cpus)
    with manifest.with_suffix(".summary.csv").open() as file:
        rows = list(csv.DictReader(file))
    if [row["status"] for row in rows] != ["done"] * arguments.studies:
        raise SystemExit("Not every study was converted. Look at the log above.")
    warm = rows[workers:]  # the first study of each worker loads the network
    each = sum(float(row["seconds"]) for row in warm) / len(warm) / workers
    computing = sum(float(row["cpu_seconds"]) for row in warm) / len(warm)
    print(f"{f'{workers} workers, all':24}{seconds:10.1f}{seconds / arguments.studies:10.1f}", end="")
    print(f"{3600 * arguments.studies / seconds:12.0f}")
    print(f"{f'{workers} workers, warm':24}{'':10}{each:10.1f}{3600 / each:12.0f}{computing:16.1f}")


def _timed(command: list, threads: int) -> float:
    start = time.perf_counter()
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    subprocess.run([sys.executable, *map(str, command)], cwd=ROOT, check=True, env=environment)
    return time.perf_counter() - start


def _sizes(result: Path, source: Path) -> None:
    for name, folder in (("input", source), ("output", result)):
        files = [path for path in folder.rglob("*") if path.is_file()]
        print(f"{name}: {sum(path.stat().st_size for path in files) / 1e6:.1f} MB in {len(files)} files")
    seconds = json.loads((result / "result.json").read_text())["seconds"]
    print("stages of the app, s: " + ", ".join(f"{name} {value:.1f}" for name, value in seconds.items()))


if __name__ == "__main__":
    sys.exit(main())
