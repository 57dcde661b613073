"""Take the pictures of the viewer in docs anew, after a change of weights or page.

python -m tests.browser.retake_pictures RESULT --source NCCT
"""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from app.viewer.built import built_page
from app.viewer.results import find_results
from app.viewer.server import ViewerServer
from app.viewer.volumes import NCCT, SYN_CTA, ResultVolumes, SourceFolder
from tests.browser.without_gpu import WAIT_MS, WITHOUT_GPU

_DOCS = Path(__file__).resolve().parents[2] / "docs"
_SIZE = {"width": 1440, "height": 640}
_RAISED_HU = 100


def main() -> None:
    """Show the slice with the most enhancement, axial and in all planes, and write docs/viewer*.png."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", type=Path, metavar="RESULT")
    parser.add_argument("--source", type=Path, metavar="NCCT", required=True)
    chosen = parser.parse_args()
    results = find_results(chosen.result)
    server = ViewerServer(results, source=chosen.source, page=built_page())
    server.start()
    point = _brightest(ResultVolumes(results[0], SourceFolder(chosen.source)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(WITHOUT_GPU))
        page = browser.new_page(viewport=_SIZE)
        page.goto(server.url)
        page.wait_for_selector("#panes[data-state=ready]", timeout=WAIT_MS)
        page.evaluate("(point) => viewer.setPoint(point)", point)
        page.locator(".pane").first.hover()
        page.wait_for_timeout(2000)
        page.screenshot(path=_DOCS / "viewer.png")
        page.keyboard.press("g")
        page.keyboard.press("x")
        page.wait_for_timeout(5000)
        page.screenshot(path=_DOCS / "viewer-planes.png")
        browser.close()
    server.stop()


def _brightest(volumes: ResultVolumes) -> list[int]:
    """Middle (column, row, slice) of what was raised most in one slice."""
    every = range(volumes.shape[0])
    raised = volumes.hu(SYN_CTA, every).astype(int) - volumes.hu(NCCT, every) > _RAISED_HU
    index = int(raised.sum(axis=(1, 2)).argmax())
    rows, columns = raised[index].nonzero()
    return [int(columns.mean()), int(rows.mean()), index]


if __name__ == "__main__":
    main()
