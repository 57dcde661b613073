"""The GPUs of this machine, and whether the workers of a cohort have room on them.

Ray does not check the number of GPUs that it is given. A worker that is assigned a missing GPU computes on the CPU
without a warning.
"""

import argparse
import math

from operators.errors import Reason, Refusal

_FRACTION_STEPS = 10_000  # Ray counts GPUs to four decimals


def gpu_fraction(text: str) -> float:
    """GPUs of one worker, as typed: 0, a part of one, or a whole number, as Ray takes them.

    Raises:
        argparse.ArgumentTypeError: when it is anything else.
    """
    number = float(text)
    if number < 0 or not (number <= 1 or number.is_integer()):
        raise argparse.ArgumentTypeError("must be 0, a fraction such as 0.5, or a whole number")
    return number


def available_gpus() -> int:
    """Number of GPUs that PyTorch finds; the workers use PyTorch."""
    import torch  # imported here: loading takes seconds and is not needed for the CPU

    return torch.cuda.device_count()


def check_room(workers: int, gpus: float, available: int) -> None:
    """Check that all workers find their share of a GPU.

    Args:
        workers: number of processes.
        gpus: GPUs of each worker; a share below 1 must fit on a single GPU.
        available: GPUs of the machine.

    Raises:
        Refusal: SETTINGS, when they do not.
    """
    if gpus == 0 or workers <= _capacity(gpus, available):
        return
    found = f"{workers} worker(s) with {gpus:g} GPU(s) each do not fit: PyTorch finds {available} GPU(s) here."
    raise Refusal(Reason.SETTINGS, f"{found} {_advice(workers, gpus, available)}")


def _capacity(gpus: float, available: int) -> int:
    """How many workers fit."""
    return available * math.floor(1 / gpus) if gpus < 1 else int(available // gpus)


def _advice(workers: int, gpus: float, available: int) -> str:
    if available == 0:
        return "Give --gpus 0 for the CPU, or install a driver and PyTorch with CUDA."
    part = math.floor(_FRACTION_STEPS / math.ceil(workers / available)) / _FRACTION_STEPS
    fewer = _capacity(gpus, available)
    return f"Give --gpus {part:g}" + (f", or --workers {fewer}." if fewer else ".")
