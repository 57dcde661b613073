"""The viewer in Chromium on results of phantom, LIDC, feet-first and JPEG 2000 series: marked `browser`."""

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from app.viewer.built import BUILT
from app.viewer.results import find_results
from app.viewer.server import ViewerServer
from cohorts.phantom import generate_patient, write_dicom_series
from tests.app_in_process import run_app
from tests.browser.without_gpu import WAIT_MS, WITHOUT_GPU
from tests.dicom_series import body_hu, write_series
from tests.stand_in_bundle import write_stand_in_bundle

_SIZE = {"width": 1400, "height": 760}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in this folder, and skip it where the browser or the built page is missing."""
    missing = _missing()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(pytest.mark.skip(reason=missing))


def _missing() -> str:
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "Playwright is missing: it is in the test extra"
    if not shutil.which("chromium"):
        return "Chromium is missing: tests/browser/install_browser.sh"
    return "" if (BUILT / "index.html").is_file() else "the viewer's page is not built: make viewer"


@dataclass
class Watched:
    """A page, and what it did that it must not do.

    Attributes:
        page: Playwright's page.
        url: address of the viewer.
        faults: console errors, exceptions, and requests that left the origin.
    """

    page: object
    url: str
    faults: list[str] = field(default_factory=list)

    def pixels(self, pane: int) -> np.ndarray:
        """(row, column, RGB) of a pane as it is on the screen."""
        picture = self.page.locator(".pane").nth(pane).screenshot()
        return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))

    def pane(self, number: int) -> dict:
        """Geometry of a pane: plane, slice, grid axes to the right, down and through, and two voxels' places."""
        return self.page.evaluate(
            """(number) => {
                const pane = viewer.panes[number];
                const { plane } = pane;
                return {
                    plane: plane.name,
                    slice: viewer.state.point[plane.next.axis],
                    axes: [plane.right.axis, plane.down.axis, plane.next.axis],
                    first: viewer.place(pane, [0, 0, 0]),
                    second: viewer.place(pane, [1, 1, 1]),
                    size: pane.size,
                };
            }""",
            number,
        )

    def text(self, pane: int, place: str) -> str:
        """What is written at a place of a pane."""
        return self.page.locator(".pane").nth(pane).locator(f".text.{place}").inner_text()

    def press(self, *keys: str) -> None:
        """Press keys, and let the page draw."""
        for key in keys:
            self.page.keyboard.press(key)
        self.drawn()

    def drawn(self) -> None:
        """Wait for two frames."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.page.wait_for_timeout(300)

    def wait(self, *states: str) -> None:
        """Wait for a state of the panes."""
        self.page.wait_for_selector(", ".join(f"#panes[data-state={state}]" for state in states), timeout=WAIT_MS)


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory) -> Path:
    """A bundle that adds a known number of HU: the pictures are looked at here, not the network."""
    return write_stand_in_bundle(tmp_path_factory.mktemp("browser_bundle") / "stand_in")


@pytest.fixture(scope="session")
def convert(stand_in, tmp_path_factory) -> Callable[[Path], Path]:
    """Run the app on a folder with all gates open; returns the result folder."""

    def run(ncct: Path) -> Path:
        folder = tmp_path_factory.mktemp("browser_result")
        gates = ("contrast_header", "contrast_image", "anatomy", "slice_thickness", "too_few_slices", "metal")
        settings = folder / "app.yaml"
        opened = "".join(f"    {gate}: warn\n" for gate in gates)
        settings.write_text(f"loader:\n  convert_enhanced: true\n  gates:\n{opened}")
        arguments = ["-i", ncct, "-o", folder / "result", "-m", stand_in, "--settings", settings, "--device", "cpu"]
        assert run_app(*arguments) == 0
        return folder / "result"

    return run


@pytest.fixture(scope="session")
def cases(convert, shared_data, tmp_path_factory) -> Callable[[str], tuple[Path, Path]]:
    """Source and result of a case, made when first asked for."""
    made: dict[str, tuple[Path, Path]] = {}

    def case(name: str) -> tuple[Path, Path]:
        if name not in made:
            source = tmp_path_factory.mktemp("browser_source") / name
            if name == "phantom":
                patient = generate_patient(3, "chest", "healthy", slices=24, matrix=256, spacing_mm=(1.4, 1.4, 2.5))
                write_dicom_series(patient, source)
            elif name == "jpeg-2000":
                _copy_with_uids(shared_data / "dicom_cect_abdomen_j2k_TotalSegmentator", source)
            else:
                source = shared_data / _SERIES[name]
            made[name] = source, convert(source)
        return made[name]

    return case


@pytest.fixture(scope="session")
def uncertain(tmp_path_factory) -> tuple[Path, Path]:
    """Source and result of the shipped bundle with the uncertainty series."""
    folder = tmp_path_factory.mktemp("browser_uncertain")
    source = write_series(folder / "ncct", hu=body_hu(10, 96, 96))
    (folder / "app.yaml").write_text("uncertainty: {enabled: true}\n")
    arguments = ["-i", source, "-o", folder / "result", "--settings", folder / "app.yaml", "--device", "cpu"]
    assert run_app(*arguments) == 0
    return source, folder / "result"


_SERIES = {"lidc": "dicom_ncct_chest_LIDC-IDRI-0314", "feet-first": "dicom_cta_pulmonary_RIDER-Pilot-0117"}


def _copy_with_uids(source: Path, folder: Path) -> None:
    """Copy a series whose UIDs were taken out when it was published."""
    folder.mkdir()
    for i, path in enumerate(sorted(source.glob("*.dcm"))):
        ds = pydicom.dcmread(path)
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = "2.25.1", "2.25.2", "2.25.3"
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"2.25.4{i:03d}"
        ds.save_as(folder / path.name)


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """Chromium without a GPU, as on a server: WebGL2 by software."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(WITHOUT_GPU))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def show(chromium) -> Iterator[Callable[..., Watched]]:
    """Open a result in the viewer."""
    servers, pages = [], []

    def open_result(result: Path, source: Path | None = None, query: str = "") -> Watched:
        server = ViewerServer(find_results(result), source=source, page=BUILT)
        server.start()
        servers.append(server)
        page = chromium.new_page(viewport=_SIZE)
        pages.append(page)
        watched = watch(page, server.url)
        page.goto(server.url + query)
        return watched

    yield open_result
    for page in pages:
        page.close()
    for server in servers:
        server.stop()


def watch(page: object, url: str) -> Watched:
    """Note what a page does that it must not do."""
    watched = Watched(page, url)
    origin = "/".join(url.split("/")[:3])

    def request(sent: object) -> None:
        if not sent.url.startswith((origin, "data:", "blob:")):
            watched.faults.append(f"request to {sent.url}")

    page.on("request", request)
    page.on("pageerror", lambda error: watched.faults.append(f"exception {error}"))
    page.on("console", lambda message: message.type == "error" and watched.faults.append(f"console: {message.text}"))
    return watched
