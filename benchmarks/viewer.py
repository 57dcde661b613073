"""How fast the viewer is in Chromium without a GPU: first picture, all pictures, a step through the slices.

python benchmarks/viewer.py RESULT --source NCCT
"""

import argparse
import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.viewer.built import built_page  # noqa: E402
from app.viewer.results import find_results  # noqa: E402
from app.viewer.server import ViewerServer  # noqa: E402

STEPS = 30
_WITHOUT_GPU = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
_STEP = """async () => {
    const start = performance.now();
    viewer.scroll(viewer.panes[0], 1);
    await new Promise((done) => viewer.addEventListener("drawn", done, { once: true }));
    return performance.now() - start;
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", type=Path, metavar="RESULT")
    parser.add_argument("--source", type=Path, metavar="NCCT")
    parser.add_argument("--renderer", choices=("auto", "canvas"), default="auto")
    chosen = parser.parse_args()
    server = ViewerServer(find_results(chosen.result), source=chosen.source, page=built_page())
    server.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_WITHOUT_GPU)
        page = browser.new_page(viewport={"width": 1500, "height": 800})
        page.set_default_timeout(300_000)
        start = time.perf_counter()
        page.goto(f"{server.url}?renderer={chosen.renderer}")
        for state in ("picture", "ready"):
            page.wait_for_selector(f"#panes[data-state={state}], #panes[data-state=ready]")
            print(f"{state:8s} {time.perf_counter() - start:6.2f} s")
        steps_ms = sorted(page.evaluate(_STEP) for _ in range(STEPS))
        print(
            f"step     {steps_ms[STEPS // 2]:6.0f} ms (median of {STEPS}), drawn by {page.evaluate('viewer.renderer')}"
        )
        browser.close()
    server.stop()


if __name__ == "__main__":
    main()
