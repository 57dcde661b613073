"""Imports run one way: studies -> cohorts -> scripts in the bundle, app -> operators outside it, never between both.

`ct_headers` serves both sides and knows neither.
"""

from pathlib import Path

import pytest

from tests.architecture.imports import circle, imports, reaches, relative_imports

PACKAGES = ["ct_headers", "scripts", "cohorts", "studies", "operators", "app"]

FORBIDDEN = {
    "ct_headers": ["scripts", "cohorts", "studies", "operators", "app", "deploy"],
    "scripts": ["ct_headers", "cohorts", "studies", "operators", "app", "deploy"],
    "cohorts": ["studies", "operators", "app", "deploy"],
    "studies": ["operators", "app", "deploy"],
    "operators": ["app", "deploy", "scripts", "cohorts", "studies"],
    "app": ["deploy", "scripts", "cohorts", "studies"],
    # the rooms of operators: stages know the stages before them; what all share knows no stage
    "operators.bundle": [
        "operators.preprocessing",
        "operators.synthesis",
        "operators.output",
        "operators.report",
        "operators.dicom_loader",
    ],
    "operators.dicom_loader": [
        "operators.bundle",
        "operators.preprocessing",
        "operators.synthesis",
        "operators.output",
    ],
    "operators.preprocessing": ["operators.synthesis", "operators.output", "operators.report"],
    "operators.synthesis": ["operators.output", "operators.report", "operators.dicom_writer", "operators.companions"],
    "operators.dicom_objects": [
        "operators.dicom_writer",
        "operators.companions",
        "operators.report",
        "operators.output",
        "operators.dicom_loader",
    ],
    "operators.dicom_writer": ["operators.companions", "operators.report", "operators.output"],
    "operators.companions": ["operators.dicom_writer", "operators.output"],
    "operators.report": ["operators.dicom_writer", "operators.companions", "operators.output"],
    # the rooms of the gateway: receive, convert and send meet in the queue; monitor looks at all of them
    "app.gateway.queue": [
        "app.gateway.receive",
        "app.gateway.convert",
        "app.gateway.send",
        "app.gateway.monitor",
        "app.gateway.service",
    ],
    "app.gateway.receive": ["app.gateway.convert", "app.gateway.send", "app.gateway.monitor", "app.gateway.service"],
    "app.gateway.convert": ["app.gateway.receive", "app.gateway.send", "app.gateway.monitor", "app.gateway.service"],
    "app.gateway.send": ["app.gateway.receive", "app.gateway.convert", "app.gateway.monitor", "app.gateway.service"],
    "app.gateway.monitor": ["app.gateway.service"],
    "app.gateway.metrics": ["app.gateway.receive", "app.gateway.convert", "app.gateway.send", "app.gateway.monitor"],
    # the rooms of a reading study: record and report read what study stores; protocol and the hash chain know no room
    "app.reading.hash_chain": ["app.reading.study", "app.reading.record", "app.reading.intake", "app.reading.report"],
    "app.reading.protocol": ["app.reading.study", "app.reading.record", "app.reading.intake", "app.reading.report"],
    "app.reading.intake": ["app.reading.study", "app.reading.record", "app.reading.report"],
    "app.reading.study": ["app.reading.record", "app.reading.report", "app.reading.commands", "app.reading.demo"],
    "app.reading.report": ["app.reading.study", "app.reading.commands", "app.reading.demo"],
    # the rooms of a phantom: output <- imaging and organs <- atlas
    "cohorts.phantom.atlas": ["cohorts.phantom.organs", "cohorts.phantom.imaging", "cohorts.phantom.output"],
    "cohorts.phantom.organs": ["cohorts.phantom.imaging", "cohorts.phantom.output"],
    "cohorts.phantom.imaging": ["cohorts.phantom.organs", "cohorts.phantom.output"],
}


@pytest.mark.parametrize(
    ("package", "other"), [(package, other) for package in FORBIDDEN for other in FORBIDDEN[package]]
)
def test_a_package_does_not_import(package, other):
    found = imports(package.partition(".")[0])
    assert not [(module, name) for module, name in found if reaches(module, package) and reaches(name, other)]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_modules_or_packages_import_each_other_in_a_circle(package):
    assert circle(package) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_are_absolute(package):
    assert relative_imports(package) == []


def test_no_package_is_a_link():
    root = Path(__file__).resolve().parents[2]
    folders = [root, *(root / name for name in ("app", "operators", "bundle", "bundle/cohorts"))]
    assert [path for folder in folders for path in folder.iterdir() if path.is_symlink() and path.name != ".venv"] == []


def test_an_import_inside_a_function_is_seen():
    assert ("app.cli", "app.app.run_opened") in imports("app")
