"""Times the stages of the app on a phantom series and prints seconds per slice and peak memory.

    python benchmarks/app_stages.py                                  # 100 slices of 512 x 512
    python benchmarks/app_stages.py --slices 48 --generator paper    # the paper's generator, untrained

The app runs as its users run it, in a process of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUNDLE = ROOT / "bundle"


def main() -> int:
    """Run the benchmark; returns the app's exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--slices", type=int, default=100, help="slices of the phantom")
    parser.add_argument("--matrix", type=int, default=512, help="rows and columns of the phantom")
    parser.add_argument("--generator", choices=("residual", "paper"), default="residual", help="network that runs")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of the network")
    parser.add_argument("--device", default="auto", help="device, as for the app")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        phantom = ["--slices", str(arguments.slices), "--matrix", str(arguments.matrix), "--region", "chest"]
        _run([sys.executable, "-m", "cohorts.phantom", "dicom", "--out", str(folder / "ncct"), *phantom], cwd=BUNDLE)
        bundle = BUNDLE if arguments.generator == "residual" else _paper_bundle(folder)
        environment = os.environ | {"OMP_NUM_THREADS": str(arguments.threads)}
        command = [sys.executable, "-m", "app", "-i", folder / "ncct", "-o", folder / "out", "-m", bundle]
        app = subprocess.Popen([*map(str, command), "--device", arguments.device], cwd=ROOT, env=environment)
        _, status, usage = os.wait4(app.pid, 0)
        if status:
            return os.waitstatus_to_exitcode(status)
        _report(json.loads((folder / "out" / "result.json").read_text()), arguments.slices, usage.ru_maxrss / 2**20)
    return 0


def _paper_bundle(folder: Path) -> Path:
    code = (
        "import sys; from scripts.networks import PaperGenerator; from studies.release import write_bundle; "
        "write_bundle(PaperGenerator().state_dict(), '.', sys.argv[1])"
    )
    _run([sys.executable, "-c", code, str(folder / "bundle")], cwd=BUNDLE)
    return folder / "bundle"


def _run(command: list[str], **options) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)


def _report(result: dict, slices: int, peak_gib: float) -> None:
    print(f"device: {result['device']['kind']} ({result['device']['name']})")
    print(f"{'stage':<24}{'s':>8}{'s/slice':>10}")
    for stage, seconds in result["seconds"].items():
        print(f"{stage:<24}{seconds:>8.2f}{seconds / slices:>10.4f}")
    total = sum(result["seconds"].values())
    print(f"{'total of stages':<24}{total:>8.2f}{total / slices:>10.4f}")
    print(f"peak memory of the app, libraries included: {peak_gib:.2f} GiB")


if __name__ == "__main__":
    sys.exit(main())
