"""The bundle conforms to MONAI 1.6.1: files, metadata, properties, network, every config runs."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import nibabel
import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser, ConfigWorkflow, verify_net_in_out

REQUIRED_METADATA = {
    "version", "monai_version", "pytorch_version", "numpy_version", "required_packages_version", "task", "description",
    "authors", "copyright", "network_data_format", "intended_use", "changelog",
}  # fmt: skip
FILES = [
    "LICENSE", "configs/metadata.json", "configs/inference.yaml", "configs/train.yaml", "configs/logging.conf",
    "models/model.pt", "docs/README.md", "docs/data_license.txt", "scripts/__init__.py",
]  # fmt: skip


def run_bundle(bundle_folder: Path, *arguments: str) -> str:
    """Run `python -m monai.bundle run` as a user would, in the bundle's folder; returns what it printed."""
    finished = subprocess.run(
        [sys.executable, "-m", "monai.bundle", "run", *arguments],
        cwd=bundle_folder, env=os.environ | {"OMP_NUM_THREADS": "2"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-3000:]
    return finished.stdout + finished.stderr


@pytest.fixture
def in_bundle(bundle_folder, monkeypatch):
    monkeypatch.chdir(bundle_folder)
    return bundle_folder


@pytest.fixture
def metadata(bundle_folder) -> dict:
    return json.loads((bundle_folder / "configs" / "metadata.json").read_text())


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_specification_is_there(bundle_folder, name):
    assert (bundle_folder / name).is_file()


def test_metadata_has_what_the_specification_asks_for(metadata):
    assert set(metadata) >= REQUIRED_METADATA


def test_metadata_explains_its_own_version(metadata):
    assert metadata["version"] in metadata["changelog"]


def test_metadata_names_the_versions_that_are_installed(metadata):
    versions = {"monai": metadata["monai_version"], "torch": metadata["pytorch_version"]}
    versions |= {"numpy": metadata["numpy_version"]} | metadata["required_packages_version"]
    assert {name: version(name).split("+")[0] for name in versions} == versions


def test_metadata_and_configs_agree_on_window_and_spacing(metadata, bundle_folder):
    inference = ConfigParser.load_config_file(bundle_folder / "configs" / "inference.yaml")
    train = ConfigParser.load_config_file(bundle_folder / "configs" / "train.yaml")
    assert inference["hu_range"] == train["hu_range"] == metadata["hu_range"]
    assert inference["spacing_mm"] == train["phantom_spacing_mm"] == metadata["spacing_mm"]


def test_training_and_inference_use_the_same_generator(bundle_folder):
    inference = ConfigParser.load_config_file(bundle_folder / "configs" / "inference.yaml")
    assert (
        inference["network_def"]
        == ConfigParser.load_config_file(bundle_folder / "configs" / "train.yaml")["network_def"]
    )


def test_the_network_takes_and_gives_what_metadata_says(in_bundle):
    verify_net_in_out("network_def", "configs/metadata.json", "configs/inference.yaml", device="cpu")


def test_the_weights_are_a_raw_state_dict_of_the_network(in_bundle):
    state = torch.load("models/model.pt", weights_only=True)
    parser = ConfigParser(ConfigParser.load_config_file("configs/inference.yaml"))
    parser.get_parsed_content("network_def").load_state_dict(state)


def test_the_inference_properties_are_complete(in_bundle, tmp_path):
    workflow = ConfigWorkflow(
        "configs/inference.yaml", workflow_type="infer", logging_file=False, dataset_dir=str(tmp_path), device="cpu"
    )
    workflow.initialize()
    assert workflow.check_properties() == []


def test_the_training_properties_are_complete(in_bundle, tmp_path, small_datalist):
    workflow = ConfigWorkflow(
        "configs/train.yaml", workflow_type="train", logging_file=False, output_dir=str(tmp_path),
        datalists=[str(small_datalist)], device="cpu",
    )  # fmt: skip
    workflow.initialize()
    assert workflow.check_properties() == []


def test_inference_on_a_folder_of_nifti_keeps_the_grid(bundle_folder, tmp_path, small_datalist):
    source = nibabel.load(small_datalist.parent / "patient-0" / "ncct.nii")
    (tmp_path / "in").mkdir()
    nibabel.save(source, tmp_path / "in" / "a.nii.gz")
    run_bundle(
        bundle_folder, "--config_file", "configs/inference.yaml",
        "--dataset_dir", str(tmp_path / "in"), "--output_dir", str(tmp_path / "out"),
    )  # fmt: skip
    synthetic = nibabel.load(tmp_path / "out" / "a_syn_cta.nii.gz")
    assert synthetic.shape == source.shape
    np.testing.assert_allclose(synthetic.affine, source.affine)


@pytest.fixture(scope="module")
def trained(bundle_folder, tmp_path_factory, small_datalist) -> tuple[Path, list[str]]:
    """A run of two epochs, stopped after the first and resumed; its folder and its options."""
    out = tmp_path_factory.mktemp("run")
    options = [
        "training", "--config_file", "configs/train.yaml", "--datalists", f"['{small_datalist}']",
        "--output_dir", str(out), "--patch_px", "128", "--slices_per_epoch", "8", "--num_workers", "0",
        "--registration_def::channels", "[4,4]", "--registration_def::bottleneck_channels", "8",
        "--discriminator_def::base_channels", "4", "--generator_lr", "0.002", "--highlight_weight", "2",
    ]  # fmt: skip
    run_bundle(bundle_folder, *options, "--max_epochs", "2", "--val_interval", "1")
    return out, options


def test_training_leaves_checkpoint_best_generator_and_curves(trained):
    out, _ = trained
    assert (out / "checkpoint_epoch=2.pt").is_file()
    assert (out / "model.pt").is_file()
    assert list(out.glob("events.out.tfevents.*"))


def test_the_best_generator_loads_into_the_inference_network(trained, in_bundle):
    out, _ = trained
    parser = ConfigParser(ConfigParser.load_config_file("configs/inference.yaml"))
    parser.get_parsed_content("network_def").load_state_dict(torch.load(out / "model.pt", weights_only=True))


def test_a_resumed_run_goes_on_where_it_stopped(trained, bundle_folder):
    out, options = trained
    printed = run_bundle(bundle_folder, *options, "--max_epochs", "3", "--resume", "True")
    assert "epoch=3/3" in printed
    assert "epoch=1/3" not in printed
    state = torch.load(out / "checkpoint_epoch=3.pt", weights_only=True)
    assert state["trainer"]["iteration"] == 3 * state["trainer"]["epoch_length"]


def test_resuming_where_nothing_was_started_says_so(bundle_folder, tmp_path, small_datalist):
    finished = subprocess.run(
        [sys.executable, "-m", "monai.bundle", "run", "training", "--config_file", "configs/train.yaml",
         "--datalists", f"['{small_datalist}']", "--output_dir", str(tmp_path), "--resume", "True"],
        cwd=bundle_folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode != 0
    assert "there is no run to resume there" in finished.stderr
