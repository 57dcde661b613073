"""Several processes that train together (torch.distributed, started by torchrun), one for each GPU."""

import logging
import os
from collections.abc import Callable
from datetime import timedelta

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

_TIMEOUT = timedelta(hours=2)
"""How long one process waits for another: validation and the making of phantoms are not shared evenly."""


def local_device() -> torch.device:
    """Return this process's device: the GPU that torchrun gives it on its machine, or the CPU."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ["LOCAL_RANK"]))


def join_process_group(device: torch.device | str) -> None:
    """Join the group of processes, by NCCL on GPUs and Gloo on CPUs.

    Raises:
        RuntimeError: when the process was not started by torchrun.
    """
    if "LOCAL_RANK" not in os.environ:
        raise RuntimeError("multi_gpu_train.yaml needs torchrun. The commands are in its first lines.")
    # Inside a Slurm job ignite takes the place on the machine from Slurm, which knows torchrun, but not its processes.
    os.environ["SLURM_LOCALID"] = os.environ["LOCAL_RANK"]
    on_gpu = torch.device(device).type == "cuda"
    if on_gpu:
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if on_gpu else "gloo", timeout=_TIMEOUT)
    if distributed.get_rank() > 0:
        logging.getLogger().setLevel(logging.WARNING)  # one process logs for all


def data_parallel(network: nn.Module | None) -> nn.Module | None:
    """Wrap a network, so that its gradients are averaged over the processes; None stays None.

    On GPUs batch normalisation takes its statistics from the slices of all processes, too; PyTorch has that for GPUs
    only, so on CPUs each process has statistics of its own.
    """
    if network is None:
        return None
    if next(network.parameters()).is_cuda:
        network = nn.SyncBatchNorm.convert_sync_batchnorm(network)
    return DistributedDataParallel(network, broadcast_buffers=False)


def main_process_first(make: Callable[[], list[str]]) -> list[str]:
    """Let the first process make something that the others then find ready."""
    if distributed.get_rank() == 0:
        made = make()
        distributed.barrier()
        return made
    distributed.barrier()
    return make()
