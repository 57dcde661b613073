"""The zip holds a bundle that works alone."""

import hashlib
import json
import zipfile

import pytest
import torch
from monai.bundle import ConfigParser

from deploy.bundle_zip import zip_bundle


@pytest.fixture(scope="module")
def unzipped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zip")
    with zipfile.ZipFile(zip_bundle(folder)) as archive:
        archive.extractall(folder)
    return folder / "syn_cta"


def test_network_and_weights_of_the_zip_belong_together(unzipped):
    parser = ConfigParser()
    parser.read_config(unzipped / "configs" / "inference.yaml")
    parser["bundle_root"] = str(unzipped)
    network = parser.get_parsed_content("network_def")
    network.load_state_dict(torch.load(unzipped / "models" / "model.pt", weights_only=True))


def test_model_card_and_licence_are_inside(unzipped):
    assert (unzipped / "docs" / "README.md").is_file()
    assert (unzipped / "LICENSE").is_file()


def test_the_weights_are_those_of_the_record(unzipped):
    recorded = (unzipped / "models" / "model.pt.sha256").read_text().split()[0]
    assert hashlib.sha256((unzipped / "models" / "model.pt").read_bytes()).hexdigest() == recorded


def test_the_same_bundle_gives_the_same_bytes(tmp_path):
    assert zip_bundle(tmp_path / "a").read_bytes() == zip_bundle(tmp_path / "b").read_bytes()


def test_the_name_says_the_version(tmp_path, bundle_folder):
    version = json.loads((bundle_folder / "configs" / "metadata.json").read_text())["version"]
    assert zip_bundle(tmp_path).name == f"syn_cta_v{version}.zip"
