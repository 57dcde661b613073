"""The command on a tiny cohort, with an untrained generator that contradicts itself."""

import csv

import pytest
import torch
from monai.bundle import ConfigParser
from PIL import Image
from torch import nn

from scripts.evaluation.synthesis import Synthesis
from studies.uncertainty.__main__ import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory, repository):
    torch.manual_seed(0)
    config = ConfigParser.load_config_file(repository / "bundle" / "configs" / "inference.yaml")
    network = ConfigParser(config).get_parsed_content("network_def")
    nn.init.normal_(network.enhancement.weight, std=0.05)
    path = tmp_path_factory.mktemp("weights") / "model.pt"
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def out(checkpoint, small_datalist, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "uncertainty"
    command = ["--datalist", str(small_datalist), "--split", "training", "--checkpoint", str(checkpoint)]
    assert main([*command, "--out", str(out)]) == 0
    return out


def test_there_is_a_row_for_each_patient(out):
    rows = list(csv.DictReader(out.with_suffix(".csv").open()))
    assert [row["patient"] for row in rows] == ["patient-0", "patient-1"]
    assert all(-1 <= float(row["rank correlation"]) <= 1 for row in rows)


def test_there_is_a_figure(out):
    assert Image.open(out.with_suffix(".png")).width > 500


def test_an_empty_split_is_told(checkpoint, small_datalist, tmp_path, capsys):
    command = ["--datalist", str(small_datalist), "--split", "test", "--checkpoint", str(checkpoint)]
    assert main([*command, "--out", str(tmp_path / "out")]) == 1
    assert "test" in capsys.readouterr().err


def test_the_synthesis_beside_the_map_is_the_one_without_it(checkpoint, small_datalist):
    ncct = small_datalist.parent / "patient-0" / "ncct.nii"
    _, alone = Synthesis(checkpoint)(ncct)
    synthetic, uncertainty = Synthesis(checkpoint).with_uncertainty(ncct)
    assert torch.equal(torch.as_tensor(alone), torch.as_tensor(synthetic))
    assert uncertainty.min() > -0.01  # rounding of a sum
    assert uncertainty.max() > 1
    assert uncertainty.shape == synthetic.shape
