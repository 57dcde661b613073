"""Measures the viewer in Chromium without a GPU: time to the first picture, to all pictures, and for a step of a slice.

    python benchmarks/viewer.py                           # a series of 300 x 512 x 512, made for this
    python benchmarks/viewer.py RESULT --source NCCT      # a result of yours

Core-seconds of server and browser are given as well: they depend less on other load of the machine. The viewer
runs as its users run it, in a process of its own; times count from the request of the page.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import psutil
import pydicom
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bundle")]

from tests.browser.without_gpu import WITHOUT_GPU  # noqa: E402
from tests.stand_in_bundle import write_stand_in_bundle  # noqa: E402

STEPS = 30
_TIMEOUT_MS = 600_000
_PHANTOM_SLICES = 12
_STEP = """async () => {
    const start = performance.now();
    viewer.scroll(viewer.panes[0], 1);
    await new Promise((done) => viewer.addEventListener("drawn", done, { once: true }));
    return performance.now() - start;
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", type=Path, metavar="RESULT", nargs="?", help="result folder (default: one is made)")
    parser.add_argument("--source", type=Path, metavar="NCCT")
    parser.add_argument("--slices", type=int, default=300, help="slices of the result that is made (default: 300)")
    parser.add_argument("--renderer", choices=("auto", "canvas"), default="auto")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        if arguments.result is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            arguments.source, arguments.result = _series(folder, arguments.slices), folder / "result"
            _convert(arguments.source, arguments.result, folder / "bundle")
        server, url = stack.enter_context(_viewer(arguments.result, arguments.source))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(WITHOUT_GPU))
            _measure(browser, f"{url}?renderer={arguments.renderer}", server)
            browser.close()


def _measure(browser: object, url: str, server: psutil.Process) -> None:
    page = browser.new_page(viewport={"width": 1500, "height": 800})
    page.set_default_timeout(_TIMEOUT_MS)
    chromium = [each for each in psutil.Process().children(recursive=True) if each.name().startswith("chrom")]
    start, before = time.perf_counter(), (_core_seconds([server]), _core_seconds(chromium))
    page.goto(url)
    for state, name in (("picture", "first picture"), ("ready", "all pictures")):
        page.wait_for_selector(f"#panes[data-state={state}], #panes[data-state=ready]")
        seconds = time.perf_counter() - start
        chromium = [each for each in psutil.Process().children(recursive=True) if each.name().startswith("chrom")]
        cores = _core_seconds([server]) - before[0], _core_seconds(chromium) - before[1]
        print(f"{name:14}{seconds:7.2f} s   core-seconds: server {cores[0]:.2f}, browser {cores[1]:.2f}")
    steps_ms = sorted(page.evaluate(_STEP) for _ in range(STEPS))
    print(f"a step        {steps_ms[STEPS // 2]:7.0f} ms  (median of {STEPS}, 9 of 10 below {steps_ms[-4]:.0f} ms)")
    load = os.getloadavg()[0]
    print(f"drawn by {page.evaluate('viewer.renderer')}; {os.cpu_count()} cores, load of the last minute {load:.1f}")


def _core_seconds(processes: list[psutil.Process]) -> float:
    """Of processes that may have ended meanwhile."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


@contextmanager
def _viewer(result: Path, source: Path | None) -> Iterator[tuple[psutil.Process, str]]:
    command = [sys.executable, "-m", "app.viewer", result, "--no-browser", *(["--source", source] if source else [])]
    viewer = subprocess.Popen(list(map(str, command)), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield psutil.Process(viewer.pid), re.search(r"http://\S+", viewer.stdout.readline()).group()
    finally:
        viewer.terminate()
        viewer.wait()


def _series(folder: Path, slices: int) -> Path:
    """A CT series of 512 x 512 slices: those of a small phantom to and fro, each with noise of its own."""
    size = ["--slices", str(_PHANTOM_SLICES), "--matrix", "512", "--spacing-mm", "0.75", "0.75", "1"]
    command = [
        sys.executable,
        "-m",
        "cohorts.phantom",
        "dicom",
        "--out",
        folder / "phantom",
        "--region",
        "chest",
        *size,
    ]
    subprocess.run(list(map(str, command)), cwd=ROOT / "bundle", check=True, stdout=subprocess.DEVNULL)
    templates = sorted(
        map(pydicom.dcmread, (folder / "phantom").glob("*.dcm")), key=lambda ds: ds.ImagePositionPatient[2]
    )
    planes = [ds.pixel_array.astype(np.int32) for ds in templates]
    course = [*range(_PHANTOM_SLICES), *range(_PHANTOM_SLICES - 2, 0, -1)]
    rng = np.random.default_rng(0)
    (folder / "ncct").mkdir()
    for i in range(slices):
        number = course[i % len(course)]
        ds = templates[number]
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"{ds.SeriesInstanceUID}.{i}"[-60:]
        ds.InstanceNumber = i + 1
        ds.ImagePositionPatient[2] = i
        noisy = planes[number] + rng.integers(-15, 16, (ds.Rows, ds.Columns), dtype=np.int32)
        ds.PixelData = np.clip(noisy, 0, 4095).astype(np.uint16).tobytes()
        ds.save_as(folder / "ncct" / f"{i:04d}.dcm")
    return folder / "ncct"


def _convert(source: Path, result: Path, bundle: Path) -> None:
    """By the app with a bundle that adds a number of HU: the pictures are to be many, not true."""
    settings = write_stand_in_bundle(bundle) / "app.yaml"
    settings.write_text("loader: {gates: {contrast_image: warn, anatomy: warn}}\n", encoding="utf-8")
    command = [sys.executable, "-m", "app", "-i", source, "-o", result, "-m", bundle, "--settings", settings]
    subprocess.run([*map(str, command), "--device", "cpu", "--log-level", "ERROR"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
