import hashlib
import json
import subprocess
import sys

import nibabel
import pytest
import torch
from monai.bundle import ConfigParser
from torch import nn
from torch.nn import functional

from scripts.networks import PaperGenerator
from studies.release import write_bundle
from studies.release.__main__ import main

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return PaperGenerator().state_dict()


@pytest.fixture(scope="module")
def imported(tmp_path_factory, state, bundle_folder):
    folder = tmp_path_factory.mktemp("imported") / "bundle"
    write_bundle(state, bundle_folder, folder)
    return folder


def test_the_digest_of_the_weights_is_recorded(imported):
    weights = imported / "models" / "model.pt"
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    assert (imported / "models" / "model.pt.sha256").read_text() == f"{digest}  model.pt\n"


def forward_by_keys(state: dict[str, torch.Tensor], slices: torch.Tensor) -> torch.Tensor:
    """The paper's generator written out layer by layer from the released keys, independent of our module."""

    def conv(x, key, pad=0, **options):
        x = functional.pad(x, [pad] * 4, mode="reflect") if pad else x
        return functional.conv2d(x, state[f"{key}.weight"], state[f"{key}.bias"], **options)

    def up(x, key):
        weight, bias = state[f"{key}.weight"], state[f"{key}.bias"]
        return functional.conv_transpose2d(x, weight, bias, stride=2, padding=1, output_padding=1)

    norm = nn.InstanceNorm2d(1)
    x = norm(conv(slices, "model_head.1", pad=3)).relu()
    for layer in (4, 7):
        x = norm(conv(x, f"model_head.{layer}", stride=2, padding=1)).relu()
    for block in range(9):
        inner = norm(conv(x, f"model_body.{block}.conv_block.1", pad=1)).relu()
        x = x + norm(conv(inner, f"model_body.{block}.conv_block.5", pad=1))
    for layer in (0, 3):
        x = norm(up(x, f"model_tail.{layer}")).relu()
    return conv(x, "model_tail.7", pad=3).tanh()


def test_the_forward_pass_equals_one_built_from_the_keys(imported, state):
    parser = ConfigParser(ConfigParser.load_config_file(imported / "configs" / "inference.yaml"))
    network = parser.get_parsed_content("network_def")
    network.load_state_dict(torch.load(imported / "models" / "model.pt", weights_only=True))
    slices = 2 * torch.rand(1, 1, 64, 64) - 1
    with torch.inference_mode():
        torch.testing.assert_close(network.eval()(slices), forward_by_keys(state, slices), atol=1e-5, rtol=0)


def test_the_papers_generator_sees_slices_alone(imported):
    assert ConfigParser.load_config_file(imported / "configs" / "inference.yaml")["context"] is None


def test_the_window_is_the_releases(imported):
    assert ConfigParser.load_config_file(imported / "configs" / "inference.yaml")["hu_range"] == [-1024, 3071]
    assert json.loads((imported / "configs" / "metadata.json").read_text())["hu_range"] == [-1024, 3071]


def test_the_imported_bundle_runs(imported, small_datalist, tmp_path):
    (tmp_path / "in").mkdir()
    ncct = nibabel.load(small_datalist.parent / "patient-0" / "ncct.nii")
    nibabel.save(ncct.slicer[32:96, 32:96, :2], tmp_path / "in" / "a.nii")  # small: its network is a large one
    command = [sys.executable, "-m", "monai.bundle", "run", "--config_file", "configs/inference.yaml"]
    command += ["--dataset_dir", str(tmp_path / "in"), "--output_dir", str(tmp_path / "out")]
    subprocess.run(command, cwd=imported, check=True, capture_output=True)
    assert (tmp_path / "out" / "a_syn_cta.nii.gz").is_file()


def test_the_model_card_is_not_that_of_our_weights(imported):
    assert "Imported CTA-GAN" in (imported / "docs" / "README.md").read_text()


def test_a_file_that_does_not_fit_leaves_nothing(tmp_path, capsys):
    torch.save({"a": torch.zeros(1)}, tmp_path / "netG.pth")
    assert main([str(tmp_path / "netG.pth"), "--out", str(tmp_path / "bundle")]) == 65
    assert "missing: model_head.1.weight" in capsys.readouterr().err
    assert not (tmp_path / "bundle").exists()


def test_an_existing_folder_is_not_overwritten(tmp_path, state):
    torch.save(state, tmp_path / "netG.pth")
    assert main([str(tmp_path / "netG.pth"), "--out", str(tmp_path)]) == 65
