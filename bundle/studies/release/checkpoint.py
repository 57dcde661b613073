"""Reads a released generator checkpoint (`netG_A2B_*.pth`) and checks that it fits the paper's generator."""

import pickle
from pathlib import Path

import torch

from scripts.networks import PaperGenerator


class CheckpointMismatch(ValueError):
    """The file is not a state dict of the paper's generator; the message lists what differs."""


def read_checkpoint(path: str | Path) -> dict[str, torch.Tensor]:
    """Read a state dict of the paper's generator.

    Args:
        path: file as `torch.save(netG_A2B.state_dict())` leaves it. It is read with `weights_only=True`: nothing in it
            is executed.

    Raises:
        FileNotFoundError: when there is no such file.
        CheckpointMismatch: when it is no state dict, or keys or shapes do not fit.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        # torch's own text advises to load without safety.
        raise CheckpointMismatch(
            f"{path} is not a checkpoint of tensors only. Give a file such as netG_A2B_*.pth."
        ) from error
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise CheckpointMismatch(
            f"{path} holds {type(state).__name__}, not a state dict of tensors. Give a file such as netG_A2B_*.pth."
        )
    differences = _differences(state)
    if differences:
        raise CheckpointMismatch(
            f"{path} does not fit the paper's generator, {len(differences)} differences:\n  " + "\n  ".join(differences)
        )
    return state


def _differences(state: dict[str, torch.Tensor]) -> list[str]:
    expected = PaperGenerator().state_dict()
    missing = [f"missing: {key} {tuple(expected[key].shape)}" for key in expected if key not in state]
    unexpected = [f"unexpected: {key} {tuple(state[key].shape)}" for key in state if key not in expected]
    shapes = [
        f"shape: {key} is {tuple(state[key].shape)}, expected {tuple(expected[key].shape)}"
        for key in expected
        if key in state and state[key].shape != expected[key].shape
    ]
    return missing + unexpected + shapes
