"""Chromium as a process that can be killed, and a study of DICOM pairs whose headers are full of words to be hidden."""

import csv
import os
import shutil
import signal
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from app.reading.intake.pairs import read_pairs
from app.reading.protocol.protocol import protocol_from
from app.reading.study.creation import create_study
from tests.app.gateway.running import eventually
from tests.dicom_series import setting, write_series

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PATIENTS, TRAINING = 4, 1
WAIT_MS = 120_000


@pytest.fixture(autouse=True, scope="session")
def django_beside_playwright():
    """Playwright runs an event loop in the tests' thread, in which Django would not speak with its database."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def write_dicom_pairs(folder: Path) -> Path:
    """pairs.csv with DICOM series; CTA and Syn-CTA name another vendor, and the CTA its contrast."""
    rows = []
    for number in range(PATIENTS + TRAINING):
        rng = np.random.default_rng(number)
        hu = rng.integers(0, 80, (10, 40, 48)).astype(np.int16)
        hu[:, 12:28, 12:28] = 350
        common = {"PatientName": f"Geheim^Patient{number}", "PatientID": f"GEHEIM-471{number}"}
        arms = {
            "cta": {"Manufacturer": "ACME Röntgen", "ContrastBolusAgent": "Jodipront", "SeriesDescription": "CTA THX"},
            "syn": {"Manufacturer": "SYN-CTA maker", "SeriesDescription": "SYNTHETIC CTA-GAN"},
        }
        for place, (arm, own) in enumerate(arms.items()):
            uid = f"1.2.826.77{number}.{place}"
            write_series(
                folder / f"{arm}-{number}",
                setting(**common, **own),
                hu=hu - 60 * place,
                study=f"1.2.826.77{number}",
                series=uid,
            )
        disease = ("healthy", "aneurysm", "dissection", "atherosclerosis")[number % 4]
        rows.append([f"GEHEIM-471{number}", f"cta-{number}", f"syn-{number}", "chest", disease, number >= PATIENTS])
    with (folder / "pairs.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["patient", "cta", "syn_cta", "region", "disease", "training"])
        writer.writerows(rows)
    return folder / "pairs.csv"


def create_dicom_study(folder: Path) -> Path:
    """A study of the pairs for two readers, whose second period opens at once."""
    protocol = protocol_from({"training_cases": 1, "repeat_share": 0, "washout_days": 0, "seed": 11})
    pairs = read_pairs(write_dicom_pairs(folder), protocol)
    create_study(folder / "study", protocol, pairs, START, report_progress=lambda line: None)
    return folder / "study"


class Browser:
    """A Chromium of its own, without a window."""

    def __init__(self, browser_type: object) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="reading-chromium-"))
        command = [shutil.which("chromium"), "--headless=new", "--no-sandbox", "--disable-gpu"]
        command += ["--remote-debugging-port=0", f"--user-data-dir={self._folder}", "about:blank"]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        port = self._folder / "DevToolsActivePort"
        eventually(lambda: port.is_file() and "\n" in port.read_text(), WAIT_MS / 1000)
        address = f"http://127.0.0.1:{port.read_text().splitlines()[0]}"
        self.page = browser_type.connect_over_cdp(address).contexts[0].pages[0]
        self.page.set_default_timeout(WAIT_MS)

    def kill(self) -> None:
        """kill -9 of the browser with all its processes."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


@pytest.fixture
def start_browser(chromium):
    """Function that starts a browser which can be killed."""
    started = []

    def start() -> Browser:
        started.append(Browser(chromium.browser_type))
        return started[-1]

    yield start
    for browser in started:
        browser.kill()
