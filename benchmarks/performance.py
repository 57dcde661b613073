"""Measures time and memory of the app by slices and engine, and writes tables and picture of docs/performance.md.

    python benchmarks/performance.py                              # a quarter of an hour on two idle cores
    python benchmarks/performance.py --slices 20 100 --turns 1 --docs /tmp/docs
    python benchmarks/performance.py --series round --slices 50 200 400 1500 --engines openvino --turns 1 \
      --release-slices 0 --docs /tmp/docs                         # are the costs linear?

The app runs as its users run it, in a process of its own, on a chest phantom of 512 x 512 pixels; each size and
engine in turn, so that a machine that gets slower does so for all of them. For comparison, the generator of the
released code is measured as well: the paper's generator (random weights cost the same), PyTorch in float32, one whole
slice at a time. Of several turns the cheapest counts, since other load only adds. The table goes between the markers
in DOCS/performance.md, every figure into DOCS/performance.json, the picture to DOCS/performance.png.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from monai.bundle import ConfigParser

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.round_body import write_round_body  # noqa: E402 - found by the line above

BUNDLE = ROOT / "bundle"
MARKS = ("<!-- measured -->", "<!-- end of measured -->")
RELEASE = "release's way"


def main() -> int:
    """Measure and write; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--slices",
        type=int,
        nargs="+",
        default=[20, 100, 300],
        help="numbers of slices of the series (default: 20 100 300)",
    )
    parser.add_argument(
        "--engines", nargs="+", default=["openvino", "torch"], help="engines to measure (default: openvino torch)"
    )
    parser.add_argument(
        "--release-slices",
        type=int,
        default=20,
        help="slices for the generator of the released CTA-GAN, 0 for none (default: 20)",
    )
    parser.add_argument(
        "--series",
        choices=("phantom", "round"),
        default="phantom",
        help="a chest phantom, or a round body with noise, which is quicker to make (default: phantom)",
    )
    parser.add_argument("--turns", type=int, default=2, help="runs of each, of which the cheapest counts (default: 2)")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="folder of performance.md (default: docs)")
    arguments = parser.parse_args()
    rows: dict[str, dict] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        files = SERIES[arguments.series](folder / "series", max(arguments.slices))
        cases = [(engine, count, BUNDLE) for count in arguments.slices for engine in arguments.engines]
        if arguments.release_slices:
            cases.append((RELEASE, arguments.release_slices, _release_bundle(folder / "release")))
        for turn in range(arguments.turns):
            for engine, count, bundle in cases:
                study = _middle(files, count, folder / f"study-{count}")
                row = _run(study, folder / "out", bundle, "torch" if engine == RELEASE else engine)
                row |= {"engine": engine, "slices": count}
                figures = f"{row['seconds']:.1f} s, {row['core_s']:.1f} core-s"
                print(f"{turn + 1}: {engine}, {count} slices: {figures}", flush=True)
                best = rows.setdefault(f"{engine} {count}", row)
                if row["core_s"] < best["core_s"]:
                    rows[f"{engine} {count}"] = row
    arguments.docs.mkdir(parents=True, exist_ok=True)
    measured = {"machine": _machine(), "rows": list(rows.values())}
    (arguments.docs / "performance.json").write_text(json.dumps(measured, indent=2) + "\n")
    _draw(measured, arguments.docs / "performance.png")
    _insert_table(_table(measured), arguments.docs / "performance.md")
    return 0


def _phantom(folder: Path, slices: int) -> list[Path]:
    command = [sys.executable, "-m", "cohorts.phantom", "dicom", "--out", str(folder), "--slices", str(slices)]
    subprocess.run([*command, "--region", "chest"], cwd=BUNDLE, check=True, stdout=subprocess.DEVNULL)
    return sorted(folder.glob("*.dcm"))


def _round_body(folder: Path, slices: int) -> list[Path]:
    write_round_body(folder, slices, 512)
    return sorted(folder.glob("*.dcm"))


SERIES = {"phantom": _phantom, "round": _round_body}


def _middle(files: list[Path], count: int, folder: Path) -> Path:
    """A folder of links to so many slices from the middle."""
    folder.mkdir(exist_ok=True)
    first = (len(files) - count) // 2
    for path in files[first : first + count]:
        if not (folder / path.name).exists():
            (folder / path.name).symlink_to(path)
    return folder


def _release_bundle(folder: Path) -> Path:
    code = (
        "import sys; from scripts.networks import PaperGenerator; from studies.release import write_bundle; "
        "write_bundle(PaperGenerator().state_dict(), '.', sys.argv[1])"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=BUNDLE, check=True, stdout=subprocess.DEVNULL)
    config = folder / "configs" / "inference.yaml"
    content = ConfigParser.load_config_file(config)
    content["batch_slices"] = 1
    content["inferer"]["body_threshold"] = None
    ConfigParser.export_config_file(content, str(config), fmt="yaml", sort_keys=False)
    return folder


def _run(study: Path, out: Path, bundle: Path, engine: str) -> dict:
    command = [sys.executable, "-m", "app", "-i", study, "-o", out, "-m", bundle, "--engine", engine, "--overwrite"]
    start = time.perf_counter()
    app = subprocess.Popen([*map(str, command), "--device", "cpu", "-l", "ERROR"], cwd=ROOT)
    _, status, usage = os.wait4(app.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        sys.exit(f"The app ended with exit code {os.waitstatus_to_exitcode(status)}.")
    stages = json.loads((out / "result.json").read_text())["seconds"]
    core_s = usage.ru_utime + usage.ru_stime
    return {"seconds": seconds, "core_s": core_s, "peak_gib": usage.ru_maxrss / 2**20, "stages": stages}


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(os.sched_getaffinity(0))} cores of {names[0] if names else platform.processor()}"


def _table(measured: dict) -> str:
    stages = list(dict.fromkeys(name for row in measured["rows"] for name in row["stages"]))
    lines = [f"Measured on {measured['machine']}; seconds, stages may overlap.", ""]
    titles = " | ".join(
        ("engine", "slices", "in all", "core-seconds", "peak with libraries, GiB", "start and end", *stages)
    )
    lines += [f"| {titles} |"]
    lines += ["|---" * (6 + len(stages)) + "|"]
    for row in measured["rows"]:
        beside = row["seconds"] - sum(row["stages"].values()) + row["stages"].get("compare, preview", 0)
        cells = " | ".join(f"{row['stages'].get(name, 0):.1f}" for name in stages)
        lines.append(
            f"| {row['engine']} | {row['slices']} | {row['seconds']:.1f} | {row['core_s']:.1f} | {row['peak_gib']:.2f} "
            f"| {beside:.1f} | {cells} |"
        )
    return "\n".join([*lines, "", *_lines(measured["rows"])])


def _lines(rows: list[dict]) -> list[str]:
    """A straight line through each engine's core-seconds: what a slice costs, and how straight it is."""
    told = []
    for engine in dict.fromkeys(row["engine"] for row in rows):
        own = [row for row in rows if row["engine"] == engine]
        slices, core_s = (np.array([row[key] for row in own]) for key in ("slices", "core_s"))
        if len(slices) > 1:
            slope, start = np.polyfit(slices, core_s, 1)
            straight = f", R² {np.corrcoef(slices, core_s)[0, 1] ** 2:.4f}" if len(slices) > 2 else ""
            told.append(f"- {engine}: {slope:.3f} core-s a slice, {start:.1f} core-s a run{straight}")
    return told


def _draw(measured: dict, path: Path) -> None:
    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for engine in dict.fromkeys(row["engine"] for row in measured["rows"]):
        rows = [row for row in measured["rows"] if row["engine"] == engine]
        axes.plot([row["slices"] for row in rows], [row["seconds"] for row in rows], "o-", label=engine)
    axes.set(xlabel="slices of 512 x 512", ylabel="seconds, DICOM to DICOM", xlim=(0, None), ylim=(0, None))
    axes.set_title(measured["machine"], fontsize="small")
    axes.legend()
    figure.savefig(path, dpi=110)


def _insert_table(table: str, path: Path) -> None:
    text = path.read_text() if path.is_file() else "\n".join(MARKS)
    before, rest = text.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    path.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}")


if __name__ == "__main__":
    sys.exit(main())
