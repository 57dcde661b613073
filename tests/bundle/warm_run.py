"""Runs of `python -m monai.bundle` in a fork of a process that has imported MONAI: ten core-seconds less for each."""

import multiprocessing
import os
import runpy
import sys
from pathlib import Path

import torch

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["monai.bundle", "monai.engines", "ignite.handlers", "torch.utils.tensorboard"])


class WarmRun:
    """A run in a process group of its own, one thread; has what the tests need of `subprocess.Popen`.

    Args:
        bundle: its folder.
        arguments: of `python`, from `-m` on.
        log: file for what it prints.
    """

    def __init__(self, bundle: Path, arguments: list[str], log: Path) -> None:
        self._log = log
        self._process = _FORKS.Process(target=_run, args=(bundle, arguments, log))
        self._process.start()
        self.pid: int = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def communicate(self, timeout: float) -> str:
        """Wait for its end; what it printed."""
        self._process.join(timeout)
        assert self.returncode is not None, f"still running after {timeout} s"
        return self._log.read_text()


def _run(bundle: Path, arguments: list[str], log: Path) -> None:
    os.setsid()
    printed = os.open(log, os.O_WRONLY | os.O_CREAT)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    os.chdir(bundle)
    torch.set_num_threads(1)
    multiprocessing.set_start_method("fork", force=True)  # of its own workers, as in a fresh process
    _, module, *options = arguments
    sys.argv = [module, *options]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
