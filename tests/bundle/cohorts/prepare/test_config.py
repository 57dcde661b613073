"""configs/prepare.yaml says the same as the code."""

from dataclasses import asdict, fields

import pytest
from monai.bundle import ConfigParser

from cohorts.prepare import Checks, PairOptions, PatientOptions, SearchOptions, SplitOptions
from cohorts.prepare.options import DEFAULT_SPLIT

PARTS = {
    "search_options": SearchOptions,
    "patient_options": PatientOptions,
    "split_options": SplitOptions,
    "pair_options": PairOptions,
}


@pytest.fixture(scope="module")
def content(bundle_folder) -> dict:
    return ConfigParser.load_config_file(bundle_folder / "configs" / "prepare.yaml")


@pytest.fixture(scope="module")
def made(content) -> ConfigParser:
    return ConfigParser(content)


@pytest.mark.parametrize("part", ["patient_options", "split_options", "pair_options"])
def test_a_part_has_the_defaults_of_the_code(made, part):
    assert asdict(made.get_parsed_content(f"prepare#{part}")) == asdict(PARTS[part]())


def test_pairs_are_found_as_the_code_finds_them(made):
    search_options = made.get_parsed_content("prepare#search_options")
    assert (search_options.layout, search_options.own_layout(), search_options.pairs_list) == (
        SearchOptions().layout,
        None,
        None,
    )


def test_the_split_is_that_of_the_command(content):
    assert content["split"] == DEFAULT_SPLIT


@pytest.mark.parametrize("part", PARTS)
def test_every_setting_of_a_part_is_handed_on(content, part):
    assert {field.name for field in fields(PARTS[part])} == set(content["prepare"][part]) - {"_target_"}


def test_every_limit_is_handed_on(content):
    checks = content["prepare"]["pair_options"]["checks"]
    assert {name: f"@{name}" for name in asdict(Checks())} == {k: v for k, v in checks.items() if k != "_target_"}
