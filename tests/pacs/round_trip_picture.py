"""Makes docs/pacs.png: a phantom study goes the whole way through a real Orthanc and the gateway, and is photographed.

python -m tests.pacs.round_trip_picture                  # needs Orthanc, dcmtk and chromium
python -m tests.pacs.round_trip_picture --matrix 512 --slices 64
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from tests.app.gateway.running import LOOPBACK, ROOT, RunningGateway, eventually
from tests.pacs.peers import Orthanc, storescu

matplotlib.use("Agg")
import matplotlib.pyplot as plt

PICTURE = ROOT / "docs" / "pacs.png"
WINDOW_HU = (0, 600)  # the CTA window of app.yaml
BODY_HU = -500


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--matrix", type=int, default=256, help="rows and columns of the phantom")
    parser.add_argument("--slices", type=int, default=24, help="slices of the phantom")
    parser.add_argument("--out", type=Path, default=PICTURE)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        _make(Path(scratch), chosen.matrix, chosen.slices, chosen.out)
    print(chosen.out)
    return 0


def _make(folder: Path, matrix: int, slices: int, out: Path) -> None:
    source = folder / "source"
    spacing_mm = [str(340 / matrix), str(340 / matrix), "2.5"]
    size = ["--matrix", str(matrix), "--slices", str(slices), "--spacing-mm", *spacing_mm]
    subprocess.run(
        [sys.executable, "-m", "cohorts.phantom", "dicom", "--out", str(source), "--region", "chest", *size],
        cwd=ROOT / "bundle",
        check=True,
    )
    senders = [{"ae_title": "ORTHANC"}]
    gateway = RunningGateway(folder, [], dicom={"allow": senders}, worker={"command": [], "options": []})
    pacs = Orthanc(folder / "pacs", gateway.port, password=False)
    gateway.change(targets=[pacs.target])
    try:
        pacs.start()
        gateway.start()
        storescu(source, pacs.port, called="ORTHANC")
        eventually(lambda: gateway.counts() == {"done": 1}, 1800)
        planes = _planes_hu(pacs)
        _screenshot(pacs, folder / "screen.png")
    finally:
        gateway.end()
        pacs.stop()
    _draw(planes, plt.imread(folder / "screen.png"), out)


def _planes_hu(pacs: Orthanc) -> dict[str, np.ndarray]:
    """The middle slice of each series in HU, (row, column), as DICOMweb gives it."""
    [study] = pacs.dicomweb.search_for_studies()
    uid = study["0020000D"]["Value"][0]
    planes = {}
    for series in pacs.dicomweb.search_for_series(uid):
        instances = pacs.dicomweb.retrieve_series(uid, series["0020000E"]["Value"][0])
        instances = sorted(
            (ds for ds in instances if ds.Modality == "CT"), key=lambda ds: float(ds.ImagePositionPatient[2])
        )
        if instances:
            middle = instances[len(instances) // 2]
            hu = middle.pixel_array * float(middle.RescaleSlope) + float(middle.RescaleIntercept)
            planes["Syn-CTA" if middle.get("SyntheticData") == "YES" else "NCCT"] = hu
    return planes


def _screenshot(pacs: Orthanc, path: Path) -> None:
    """Orthanc's own page of the study."""
    [study] = pacs.get("/studies")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
    options = (
        "--headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1000,860 --virtual-time-budget=15000"
    )
    url = f"http://{LOOPBACK}:{pacs.http_port}/app/explorer.html#study?uuid={study}"
    subprocess.run(
        [chromium, *options.split(), f"--screenshot={path}", url],
        check=True,
        capture_output=True,
        env={**os.environ, "HOME": str(path.parent)},
    )


def _draw(planes: dict[str, np.ndarray], screen: np.ndarray, out: Path) -> None:
    figure = plt.figure(figsize=(11, 7.6), dpi=100)
    grid = figure.add_gridspec(3, 2, height_ratios=(0.75, 1.6, 1.6), width_ratios=(1, 1.35), hspace=0.16, wspace=0.03)
    _draw_flow(figure.add_subplot(grid[0, :]))
    body = _box(planes["NCCT"] > BODY_HU)
    for row, name in enumerate(("NCCT", "Syn-CTA")):
        axes = figure.add_subplot(grid[1 + row, 0])
        axes.imshow(planes[name][body], cmap="gray", vmin=WINDOW_HU[0], vmax=WINDOW_HU[1])
        axes.set_title(f"{name}, read back by WADO-RS", fontsize=10)
        axes.axis("off")
    axes = figure.add_subplot(grid[1:, 1])
    axes.imshow(screen)
    axes.set_title("the study in Orthanc afterwards", fontsize=10)
    axes.axis("off")
    out.parent.mkdir(exist_ok=True)
    figure.savefig(out, bbox_inches="tight")
    plt.close(figure)


def _box(mask: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns that hold something."""
    return tuple(slice(indices.min(), indices.max() + 1) for indices in np.nonzero(mask))


def _draw_flow(axes: Axes) -> None:
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 20)
    axes.axis("off")
    for left, width, text in (
        (1, 15, "scanner"),
        (28, 17, "PACS\n(Orthanc)"),
        (60, 39, "gateway\nreceived  \u2192  queued  \u2192  app  \u2192  sending"),
    ):
        axes.add_patch(FancyBboxPatch((left, 5), width, 10, boxstyle="round,pad=0.4", fc="#eef3f8", ec="#33506b"))
        axes.text(left + width / 2, 10, text, ha="center", va="center", fontsize=10)
    for start, end, height, text in (
        (17, 27, 10, "C-STORE"),
        (46, 59, 13, "NCCT, C-STORE"),
        (59, 46, 7, "Syn-CTA,\nC-STORE or STOW-RS"),
    ):
        axes.add_patch(
            FancyArrowPatch((start, height), (end, height), arrowstyle="-|>", mutation_scale=14, color="#33506b")
        )
        above = height >= 10
        axes.text(
            (start + end) / 2,
            height + (0.8 if above else -0.8),
            text,
            ha="center",
            va="bottom" if above else "top",
            fontsize=8,
        )


if __name__ == "__main__":
    sys.exit(main())
