"""A result of the app on a small series, made once; the viewer's server on it."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.viewer.results import find_results
from app.viewer.server import ViewerServer
from tests.app_in_process import run_app
from tests.dicom_series import write_series
from tests.stand_in_bundle import write_stand_in_bundle


@pytest.fixture(scope="session")
def ncct(tmp_path_factory) -> Path:
    """Folder of a small NCCT series."""
    return write_series(tmp_path_factory.mktemp("viewer_ncct"))


@pytest.fixture(scope="session")
def result(ncct, tmp_path_factory) -> Path:
    """Output folder of the app on it; the stand-in bundle adds a known number of HU."""
    folder = tmp_path_factory.mktemp("viewer_result")
    bundle = write_stand_in_bundle(folder / "bundle")
    output = folder / "output"
    assert run_app("-i", ncct, "-o", output, "-m", bundle, "--device", "cpu") == 0
    return output


@dataclass(frozen=True)
class Client:
    """Asks a viewer's server.

    Attributes:
        url: address of the page.
    """

    url: str

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Status and body of a path below the page."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def json(self, path: str) -> dict:
        """A JSON body."""
        return json.loads(self.get(path)[1])


@pytest.fixture
def serve(tmp_path) -> Iterator:
    """Start a server on results; `serve(result, source)` returns its client."""
    servers: list[ViewerServer] = []
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.html").write_text("the page")

    def start(folder: Path, source: Path | None = None) -> Client:
        server = ViewerServer(find_results(folder), source=source, page=tmp_path / "page")
        server.start()
        servers.append(server)
        return Client(server.url)

    yield start
    for server in servers:
        server.stop()
