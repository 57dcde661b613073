"""configs/prepare.yaml says the same as the code."""

import inspect
from dataclasses import asdict

import pytest
from monai.bundle import ConfigParser

from cohorts.prepare import prepare
from cohorts.prepare.cohort import DEFAULT_SPLIT
from cohorts.prepare.settings import Checks

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def config(bundle_folder) -> dict:
    return ConfigParser.load_config_file(bundle_folder / "configs" / "prepare.yaml")


def test_every_setting_has_the_default_of_the_command(config):
    parameters = {name: p.default for name, p in inspect.signature(prepare).parameters.items()}
    del parameters["source"], parameters["output_dir"], parameters["checks"]
    assert {name: config[name] for name in parameters} == parameters | {"split": DEFAULT_SPLIT}


def test_every_limit_has_the_default_of_the_checks(config):
    assert {name: config[name] for name in asdict(Checks())} == asdict(Checks())


def test_every_setting_is_handed_on(config):
    handed = {key: value for key, value in config["prepare"].items() if not key.startswith("_")}
    checks = handed.pop("checks")
    assert set(handed) == set(inspect.signature(prepare).parameters) - {"checks"}
    assert all(value == f"@{key}" for key, value in (handed | checks).items())
