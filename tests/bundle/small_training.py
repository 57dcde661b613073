"""Training runs on tiny volumes with tiny networks, as a user's command would start them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch
from monai.bundle import ConfigWorkflow
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

SMALL = {
    "device": "cpu", "patch_px": 128, "slices_per_epoch": 8, "num_workers": 0, "constant_epochs": 1,
    "registration_def::channels": [4, 4], "registration_def::bottleneck_channels": 8,
    "discriminator_def::base_channels": 4, "network_def::channels": [8, 8, 8], "network_def::res_units": 1,
    "generator_lr": 0.002,
}  # fmt: skip


def workflow(bundle: Path, datalist: Path, out: Path, *overlays: str, **settings: Any) -> ConfigWorkflow:
    """Set a run up in this process: train.yaml with overlays by name, and settings."""
    configs = [str(bundle / "configs" / f"{name}.yaml") for name in ("train", *overlays)]
    places = {"bundle_root": str(bundle), "datalist": str(datalist), "output_dir": str(out)}
    return ConfigWorkflow(configs, logging_file=False, workflow_type="train", **places, **(SMALL | settings))


def train(bundle: Path, datalist: Path, out: Path, *overlays: str, **settings: Any) -> Path:
    """Run a training in this process; returns its folder."""
    run = workflow(bundle, datalist, out, *overlays, **settings)
    run.initialize()
    run.run()
    run.finalize()
    return out


def command(datalist: Path, out: Path, *overlays: str, **settings: Any) -> list[str]:
    """The same run as arguments of `python`, to be started in the bundle's folder."""
    configs = str([f"configs/{name}.yaml" for name in ("train", *overlays)])
    options = {"config_file": configs, "datalist": datalist, "output_dir": out} | SMALL | settings
    return ["-m", "monai.bundle", "run", "training", *(f"--{name}={value}" for name, value in options.items())]


def start(bundle: Path, arguments: list[str]) -> subprocess.Popen:
    """Start `python` in the bundle's folder, one thread, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", *arguments], cwd=bundle, env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def checkpoint(folder: Path, epoch: int) -> dict[str, Any]:
    return torch.load(folder / f"checkpoint_epoch={epoch}.pt", weights_only=True)


def curve(folder: Path, tag: str = "loss") -> dict[int, float]:
    """A curve of all TensorBoard files of a run, value by step."""
    values = {}
    for file in sorted(folder.glob("events.out.tfevents.*"), key=lambda path: path.stat().st_mtime):
        events = EventAccumulator(str(file)).Reload()
        if tag in events.Tags()["scalars"]:
            values |= {event.step: event.value for event in events.Scalars(tag)}
    return values
