"""The zip holds a bundle that works alone."""

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from contextlib import chdir

import nibabel
import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser, verify_metadata

from deploy.bundle_zip import zip_bundle
from tests.dicom_series import body_hu

pytestmark = [pytest.mark.slow, pytest.mark.long]

TEXT = {"type": "string", "minLength": 1}
TENSOR = {
    "type": "object",
    "properties": {
        "type": TEXT,
        "format": TEXT,
        "num_channels": {"type": "integer", "minimum": 1},
        "spatial_shape": {"type": "array"},
        "dtype": {"enum": ["float32", "float64", "float16", "int32", "int64", "uint8"]},
        "value_range": {"type": "array"},
        "is_patch_data": {"type": "boolean"},
        "channel_def": {"type": "object", "patternProperties": {"^[0-9]+$": TEXT}, "additionalProperties": False},
    },
    "required": ["type", "format", "num_channels", "spatial_shape", "dtype", "value_range", "channel_def"],
}
TENSORS = {"type": "object", "patternProperties": {"^\\w+$": TENSOR}, "minProperties": 1}
VERSIONS = ("version", "monai_version", "pytorch_version", "numpy_version")
TEXTS = ("task", "description", "authors", "copyright")
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        **{name: {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"} for name in VERSIONS},
        **dict.fromkeys(TEXTS, TEXT),
        **{name: {"type": "object"} for name in ("required_packages_version", "changelog", "supported_apps")},
        "network_data_format": {
            "type": "object",
            "properties": {"inputs": TENSORS, "outputs": TENSORS},
            "required": ["inputs", "outputs"],
        },
    },
    "required": [*VERSIONS, *TEXTS, "required_packages_version", "changelog", "network_data_format"],
}
"""What the MONAI bundle specification says of metadata.json; MONAI's own file lies on GitHub."""


@pytest.fixture(scope="module")
def zipped(tmp_path_factory):
    return zip_bundle(tmp_path_factory.mktemp("zip"))


@pytest.fixture(scope="module")
def unzipped(zipped, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unzipped")
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(folder)
    return folder / "syn_cta"


def test_network_and_weights_of_the_zip_belong_together(unzipped):
    parser = ConfigParser()
    parser.read_config(unzipped / "configs" / "inference.yaml")
    parser["bundle_root"] = str(unzipped)
    network = parser.get_parsed_content("network_def")
    network.load_state_dict(torch.load(unzipped / "models" / "model.pt", weights_only=True))


@pytest.mark.slow
def test_metadata_of_the_zip_passes_verify_metadata(unzipped, tmp_path):
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))  # what is there is not fetched
    with chdir(unzipped):
        verify_metadata("configs/metadata.json", str(tmp_path / "schema.json"))  # raises where one has an error


@pytest.mark.slow
def test_the_examples_of_the_documentation_run_in_the_zip(unzipped, repository):
    (unzipped / "scans").mkdir()
    ncct = nibabel.Nifti1Image(body_hu().transpose(2, 1, 0), np.diag([-0.9, -0.9, 2.0, 1.0]))
    nibabel.save(ncct, unzipped / "scans" / "p1.nii.gz")
    examples = re.findall(r"```python\n(.*?)```", (repository / "docs" / "api.md").read_text(), re.DOTALL)
    code = "\n".join(example for example in examples if "monai.bundle" in example)
    code = code.replace('output_dir="synthetic"', 'output_dir="synthetic", engine="torch"')  # compiles nothing
    done = subprocess.run([sys.executable, "-c", code], cwd=unzipped, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (synthetic,) = (unzipped / "synthetic").rglob("*_syn_cta.nii.gz")
    assert nibabel.load(synthetic).shape == ncct.shape


def test_the_words_of_ct_headers_are_inside(unzipped):
    code = "import ct_headers.text as text; print(text.__file__)"
    found = subprocess.run([sys.executable, "-c", code], cwd=unzipped, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(unzipped / "ct_headers" / "text.py")


def test_model_card_and_licence_are_inside(unzipped):
    assert (unzipped / "docs" / "README.md").is_file()
    assert (unzipped / "LICENSE").is_file()


def test_the_weights_are_those_of_the_record(unzipped):
    recorded = (unzipped / "models" / "model.pt.sha256").read_text().split()[0]
    assert hashlib.sha256((unzipped / "models" / "model.pt").read_bytes()).hexdigest() == recorded


def test_the_same_bundle_gives_the_same_bytes(zipped, tmp_path):
    assert zip_bundle(tmp_path).read_bytes() == zipped.read_bytes()


def test_the_name_says_the_version(zipped, bundle_folder):
    version = json.loads((bundle_folder / "configs" / "metadata.json").read_text())["version"]
    assert zipped.name == f"syn_cta_v{version}.zip"
