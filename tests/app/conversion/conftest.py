"""The real app, many times in one process: starting it anew would cost six seconds a case."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import pytest
import yaml
from pydicom.dataset import Dataset

from app.cli import main
from app.shipped import SETTINGS
from tests.dicom_series import IDENTIFYING
from tests.stand_in_bundle import ADDED_HU, write_stand_in_bundle

_UID = re.compile(r"\b(?:2\.25\.\d+|[0-2](?:\.\d+){3,})\b")  # those of the result are made of 2.25 and a number
_STANDARD_UIDS = "1.2.840.10008."  # names of transfer syntaxes
_IDENTIFYING_KEYWORDS = ("PatientName", "PatientID", "AccessionNumber", "InstitutionName", "StationName")


@dataclass(frozen=True)
class Run:
    """One run of the app.

    Attributes:
        exit_code: what the process would have ended with.
        log: all that it wrote to stdout and stderr, at log level DEBUG.
        output: its output folder.
        refusals: its lines of JSON.
        result: result.json, None where there is none.
    """

    exit_code: int
    log: str
    output: Path
    refusals: list[dict]
    result: dict | None

    @property
    def refusal(self) -> tuple[int, str]:
        """Exit code of the process and reason of its one line of JSON, whose exit code must be the same."""
        (line,) = self.refusals
        assert line["exit_code"] == self.exit_code
        return self.exit_code, line["reason"]

    @property
    def message(self) -> str:
        """What the one line of JSON says."""
        (line,) = self.refusals
        return line["message"]

    @property
    def slices(self) -> list[Dataset]:
        """The written series from feet to head."""
        assert self.exit_code == 0, self.log
        written = [pydicom.dcmread(path) for path in (self.output / "syn-cta").iterdir()]
        return sorted(written, key=lambda ds: float(ds.ImagePositionPatient[2]))

    @property
    def source_hu(self) -> np.ndarray:
        """(slice, row, column) HU that the app must have read, from feet to head: the stand-in adds a constant."""
        return np.stack([written_hu(ds) for ds in self.slices]) - ADDED_HU


def written_hu(ds: Dataset) -> np.ndarray:
    """(row, column) HU of a written slice."""
    return ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory) -> Path:
    return write_stand_in_bundle(tmp_path_factory.mktemp("bundle") / "stand_in")


@pytest.fixture
def settings_file(tmp_path) -> Callable[[dict], Path]:
    """Write app.yaml with other loader settings, without companions and page: they are no matter of reading."""

    def write(loader: dict) -> Path:
        content = yaml.safe_load(SETTINGS.read_text())
        gates = content["loader"]["gates"] | loader.pop("gates", {})
        content["loader"] |= loader | {"gates": gates}
        content["companions"] = dict.fromkeys(content.get("companions", {}), False)
        content["report"]["page"] = False
        path = tmp_path / "app.yaml"
        path.write_text(yaml.safe_dump(content))
        return path

    return write


@pytest.fixture(autouse=True)
def _logging_as_before(monkeypatch) -> Iterator[None]:
    monkeypatch.setenv("HOLOSCAN_LOG_LEVEL", "INFO")  # the app sets it for the whole process
    yield
    for name in ("app", "operators", "scripts"):
        ours = logging.getLogger(name)
        ours.handlers, ours.propagate = [], True


@pytest.fixture
def app(bundle, settings_file, tmp_path, capfd) -> Callable[..., Run]:
    """Run the app on a folder, look for secrets in its log, and for leftovers where it refuses."""

    def run(input_folder: Path, *options: str, loader: dict | None = None) -> Run:
        output = tmp_path / "place" / "out"
        output.parent.mkdir(exist_ok=True)
        arguments = ["-i", input_folder, "-o", output, "-m", bundle, "--settings", settings_file(loader or {})]
        exit_code = main([*map(str, arguments), "--device", "cpu", "--log-level", "DEBUG", *options])
        text = capfd.readouterr()
        log = text.out + text.err
        refusals = [json.loads(line) for line in text.err.splitlines() if line.startswith("{")]
        report = output / "result.json"
        done = Run(exit_code, log, output, refusals, json.loads(report.read_text()) if report.exists() else None)
        told = log + (report.read_text() if report.exists() else "")
        paths = {str(path) for path in (tmp_path, input_folder, bundle)}
        secrets = {*IDENTIFYING, *paths, *identifying_words(input_folder)}
        assert [word for word in secrets if word in told] == []
        assert [uid for uid in _UID.findall(told) if not uid.startswith(_STANDARD_UIDS)] == []
        if exit_code and "--all" not in options:
            assert list(output.parent.iterdir()) == [], "a refusal leaves nothing"
        return done

    return run


def identifying_words(folder: Path) -> set[str]:
    """Names, ids and file names in a folder of real data, as far as they are long enough to be looked for."""
    words = set()
    for path in folder.rglob("*") if folder.is_dir() else ():
        if not path.is_file():
            continue
        words.add(path.name)
        try:
            header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(_IDENTIFYING_KEYWORDS))
        except Exception:
            continue  # spoilt on purpose
        for keyword in _IDENTIFYING_KEYWORDS:
            words.update(
                part
                for part in re.split(r"[\^ =]", str(header.get(keyword) or ""))
                if len(part) > 3 and part != "Patient"
            )
    return words
