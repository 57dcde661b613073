import pickle

import pytest
import torch

from scripts.networks import PaperGenerator
from studies.release import CheckpointMismatch, read_checkpoint


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    return PaperGenerator().state_dict()


@pytest.mark.slow
def test_a_fitting_checkpoint_is_read(tmp_path, state):
    torch.save(state, tmp_path / "netG_A2B_45.pth")
    assert set(read_checkpoint(tmp_path / "netG_A2B_45.pth")) == set(state)


def test_a_missing_key_is_named(tmp_path, state):
    torch.save({key: state[key] for key in state if key != "model_head.1.bias"}, tmp_path / "a.pth")
    with pytest.raises(CheckpointMismatch, match=r"missing: model_head\.1\.bias"):
        read_checkpoint(tmp_path / "a.pth")


def test_an_unexpected_key_is_named(tmp_path, state):
    torch.save({**state, "extra.weight": torch.zeros(2)}, tmp_path / "a.pth")
    with pytest.raises(CheckpointMismatch, match=r"unexpected: extra\.weight \(2,\)"):
        read_checkpoint(tmp_path / "a.pth")


def test_a_wrong_shape_is_named_with_both_shapes(tmp_path, state):
    torch.save({**state, "model_tail.7.bias": torch.zeros(3)}, tmp_path / "a.pth")
    with pytest.raises(CheckpointMismatch, match=r"model_tail\.7\.bias is \(3,\), expected \(1,\)"):
        read_checkpoint(tmp_path / "a.pth")


def test_a_pickle_that_runs_code_is_refused(tmp_path):
    class Payload:
        def __reduce__(self):
            return print, ("executed",)

    (tmp_path / "a.pth").write_bytes(pickle.dumps(Payload()))
    with pytest.raises(CheckpointMismatch, match="tensors only"):
        read_checkpoint(tmp_path / "a.pth")
