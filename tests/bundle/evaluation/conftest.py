"""Fixtures of the evaluation's tests."""

from pathlib import Path

import pytest
import torch

from scripts.data import patients
from scripts.networks import PaperGenerator, ResidualGenerator

SMALL_RESIDUAL = {"_target_": "scripts.networks.ResidualGenerator", "channels": [4, 4], "context_slices": 1}
SMALL_PAPER = {"_target_": "scripts.networks.PaperGenerator", "base_channels": 4, "blocks": 1}


@pytest.fixture(scope="session")
def records(small_datalist) -> list[dict]:
    """Two patients with aligned truth and structures."""
    return patients(small_datalist, "training")


@pytest.fixture(scope="session")
def real_pair(records) -> dict:
    """One of them as a real pair is: without truth and structures."""
    return {key: value for key, value in records[0].items() if key not in ("cta_aligned", "structures")}


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> dict[str, dict]:
    """A residual network that does nothing and a random one of the paper's kind, as `models` of evaluate.yaml."""
    folder: Path = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    torch.save(ResidualGenerator(channels=(4, 4), context_slices=1).state_dict(), folder / "residual.pt")
    torch.save(PaperGenerator(base_channels=4, blocks=1).state_dict(), folder / "paper.pt")
    return {
        "residual": {"checkpoint": str(folder / "residual.pt"), "network_def": SMALL_RESIDUAL, "context": None},
        "paper": {"checkpoint": str(folder / "paper.pt"), "network_def": SMALL_PAPER, "context": None},
    }
