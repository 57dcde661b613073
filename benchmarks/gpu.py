"""Times synthesis and training on a GPU and writes gpu.json and gpu.md.

    python benchmarks/gpu.py --out OUT            # minutes on one GPU
    python benchmarks/gpu.py --out OUT --tiny     # tiny sizes on the CPU: shows that it runs

network   slices a second of the generator alone, in several modes, and their share of the speed of a matrix product
synthesis a DICOM series to a DICOM series: reading, network, return to the grid, writing
training  steps a second of stage 1, and how long a step waits for the data loader

If a part fails, the files and stderr name it and the exit code is 1; the other parts are measured all the same.
"""

import argparse
import json
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events
from monai.bundle import ConfigWorkflow
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

ROOT = Path(__file__).resolve().parents[1]
BUNDLE = ROOT / "bundle"
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(BUNDLE)]

from benchmarks.gpu_tables import markdown  # noqa: E402 - found by the lines above
from benchmarks.round_body import write_round_body  # noqa: E402
from benchmarks.training_data import write_noise_cohort  # noqa: E402
from operators.bundle.inference_bundle import InferenceBundle  # noqa: E402
from operators.dicom_loader.load import load_ncct_series  # noqa: E402
from operators.dicom_objects.identity import RunIdentity  # noqa: E402
from operators.dicom_objects.settings import WriterSettings  # noqa: E402
from operators.dicom_writer.image_series import syn_cta  # noqa: E402
from operators.dicom_writer.series_writer import write_series  # noqa: E402
from operators.preprocessing.prepare import prepare  # noqa: E402
from operators.provenance import Provenance  # noqa: E402
from operators.synthesis.synthesize import synthesize  # noqa: E402
from scripts.networks import PaperGenerator  # noqa: E402
from studies.release import write_bundle  # noqa: E402

FULL = {"side_px": 512, "batch": 8, "slices": 300, "steps": 100, "batches": [4, 16], "seconds": 1.5, "product": 8192}
TINY = {"side_px": 64, "batch": 2, "slices": 12, "steps": 4, "batches": [2], "seconds": 0.0, "product": 128}


def main() -> int:
    """Measure; returns 1 when a part failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="output folder; gets gpu.json and gpu.md")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes on the CPU")
    parser.add_argument(
        "--only", nargs="+", choices=("network", "synthesis", "training"), help="measure only these parts"
    )
    arguments = parser.parse_args()
    if not arguments.tiny and not torch.cuda.is_available():
        parser.error("PyTorch finds no GPU. Use a machine with one, or --tiny for the CPU")
    device, size = torch.device("cpu" if arguments.tiny else "cuda"), TINY if arguments.tiny else FULL
    arguments.out.mkdir(parents=True, exist_ok=True)
    report: dict[str, Any] = {"machine": _machine(device), "size": size, "failed": {}}
    parts = {"network": _network, "synthesis": _synthesis, "training": _training}
    for name in arguments.only or parts:
        start = time.perf_counter()
        try:
            with tempfile.TemporaryDirectory() as scratch:
                report[name] = parts[name](device, size, Path(scratch))
        except Exception as error:  # the other parts are worth measuring
            traceback.print_exc()
            report["failed"][name] = f"{type(error).__name__}: {error}"
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
        (arguments.out / "gpu.json").write_text(
            json.dumps(report, indent=2) + "\n"
        )  # a time limit may end the next part
        (arguments.out / "gpu.md").write_text(markdown(report))
    print((arguments.out / "gpu.md").read_text())
    return int(bool(report["failed"]))


def _machine(device: torch.device) -> dict[str, Any]:
    cuda = device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(device) if cuda else platform.processor() or platform.machine(),
        "memory_gib": round(torch.cuda.get_device_properties(device).total_memory / 2**30, 1) if cuda else None,
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "cpus": torch.get_num_threads(),
    }


def _seconds(call: Callable[[], Any], device: torch.device, at_least_s: float) -> float:
    """Seconds of one call, the mean of as many as the time allows, after two that warm up."""

    def wait() -> None:
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    for _ in range(2):
        call()
    wait()
    calls, start = 0, time.perf_counter()
    while calls < 2 or time.perf_counter() - start < at_least_s:
        for _ in range(4):
            call()
        calls += 4
        wait()
    return (time.perf_counter() - start) / calls


# ---- the generator alone ----


def _generators(scratch: Path) -> dict[str, Path]:
    """Bundles of the shipped and of the paper's generator, the latter with random weights."""
    torch.manual_seed(0)
    write_bundle(PaperGenerator().state_dict(), BUNDLE, scratch / "paper")
    return {"shipped": BUNDLE, "paper": scratch / "paper"}


def _network(device: torch.device, size: dict, scratch: Path) -> dict[str, Any]:
    half = torch.bfloat16
    limit = {str(dtype): _product_flops(device, size, dtype) for dtype in (torch.float32, half)}
    rows = []
    for name, bundle in _generators(scratch).items():
        network = InferenceBundle(bundle, device=str(device), engine="torch")._network
        network = getattr(network, "network", network).to(memory_format=torch.contiguous_format)
        channels = 2 * network.context_slices + 1 + getattr(network, "context_channels", 0)
        slices = torch.rand(size["batch"], channels, size["side_px"], size["side_px"], device=device) * 2 - 1
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            network(slices)
        for mode in ("float32", "float32, channels last", "bfloat16, channels last", "the same, CUDA graph"):
            dtype = torch.float32 if mode.startswith("float32") else half
            if "last" in mode:
                network, slices = (each.to(memory_format=torch.channels_last) for each in (network, slices))
            call = _call(network, slices, dtype)
            if "graph" in mode:
                if device.type != "cuda":
                    continue
                call = _graphed(call)
            seconds = _seconds(call, device, size["seconds"])
            flops = counter.get_total_flops() / seconds
            share = flops / limit[str(dtype)]
            per_s = size["batch"] / seconds
            rows.append(
                {"generator": name, "mode": mode, "slices_per_s": per_s, "tflops": flops / 1e12, "share": share}
            )
    return {"matrix_product_tflops": {name: flops / 1e12 for name, flops in limit.items()}, "rows": rows}


def _call(network: nn.Module, slices: torch.Tensor, dtype: torch.dtype) -> Callable[[], torch.Tensor]:
    def call() -> torch.Tensor:
        half = dtype is torch.bfloat16
        with torch.inference_mode(), torch.autocast(slices.device.type, dtype, enabled=half, cache_enabled=False):
            return network(slices)

    return call


def _graphed(call: Callable[[], torch.Tensor]) -> Callable[[], None]:
    """Record the kernels of a call once and replay them, without the work of launching each."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            call()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    return graph.replay


def _product_flops(device: torch.device, size: dict, dtype: torch.dtype) -> float:
    """Operations a second of a large matrix product: what the device reaches in practice."""
    side = size["product"]
    left, right = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    return 2 * side**3 / _seconds(lambda: left @ right, device, size["seconds"] / 3)


# ---- DICOM to DICOM ----


def _synthesis(device: torch.device, size: dict, scratch: Path) -> list[dict[str, Any]]:
    write_round_body(scratch / "ncct", size["slices"], size["side_px"])
    rows = []
    for name, folder in _generators(scratch).items():
        for turn in ("first", "second"):  # kernels are chosen and memory is taken in the first
            if device.type == "cuda":
                torch.cuda.reset_peak_memory_stats(device)
            bundle = InferenceBundle(folder, device=str(device))
            seconds = _convert(scratch / "ncct", scratch / f"{name}-{turn}", bundle)
            peak = torch.cuda.max_memory_allocated(device) / 2**30 if device.type == "cuda" else None
            rows.append({"generator": name, "turn": turn, "precision": "bf16" if bundle.amp else "f32"})
            rows[-1] |= {"seconds": seconds, "total_s": sum(seconds.values()), "gpu_memory_gib": peak}
    return rows


def _convert(source: Path, out: Path, bundle: InferenceBundle) -> dict[str, float]:
    """Turn a series by the functions that the app's operators wrap; Holoscan is not needed."""
    seconds = {}
    start = time.perf_counter()

    def lap(stage: str) -> None:
        nonlocal start
        seconds[stage] = time.perf_counter() - start
        start = time.perf_counter()

    series = load_ncct_series(source)
    lap("load DICOM")
    prepared = prepare(series, bundle)
    lap("prepare")
    synthetic = synthesize(prepared, bundle)
    lap("synthesize")
    provenance = Provenance(
        application="benchmark",
        application_version="0",
        bundle=bundle.name,
        bundle_version=bundle.version,
        config_sha256=bundle.config_sha256,
        scripts_sha256=bundle.scripts_sha256,
        weights_sha256=bundle.weights_sha256,
        context_sha256=bundle.context_sha256,
        engine=bundle.engine,
        device=bundle.device.type,
        amp=bundle.amp,
    )
    settings = WriterSettings()
    identity = RunIdentity(series.headers, provenance, settings, datetime.now().astimezone())
    write_series(synthetic.hu, out, series=syn_cta(settings, identity.source_contrast), identity=identity)
    lap("write DICOM")
    return seconds


# ---- training ----


def _training(device: torch.device, size: dict, scratch: Path) -> list[dict[str, Any]]:
    side = size["side_px"]
    datalist = write_noise_cohort(scratch, patients=4, slices=min(40, 2 * size["slices"]), size_px=(side + 85, side))
    return [_stage_1(device, size, datalist, scratch / f"run-{batch}", batch) for batch in size["batches"]]


def _stage_1(device: torch.device, size: dict, datalist: Path, out: Path, batch: int) -> dict[str, Any]:
    steps, settled = size["steps"], size["steps"] // 4
    settings = {
        "bundle_root": str(BUNDLE),
        "datalist": str(datalist),
        "output_dir": str(out),
        "device": str(device),
        "batch_size": batch,
        "slices_per_epoch": steps * batch,
        "max_epochs": 1,
        "constant_epochs": 1,
        "val_patients": 1,
        "patch_px": size["side_px"],
        "num_workers": 0 if device.type == "cpu" else 12,
    }
    config = str(BUNDLE / "configs" / "train.yaml")
    workflow = ConfigWorkflow(config, logging_file=False, workflow_type="train", **settings)
    workflow.initialize()
    trainer: Engine = workflow.parser.get_parsed_content("train#trainer")
    clock = {"waited": 0.0, "asked": 0.0, "start": 0.0, "end": 0.0}

    def now(_: Engine, name: str) -> None:
        if trainer.state.iteration in (settled, steps) and device.type == "cuda":
            torch.cuda.synchronize(device)
        clock[name] = time.perf_counter()

    def got(_: Engine) -> None:
        if trainer.state.iteration >= settled:
            clock["waited"] += time.perf_counter() - clock["asked"]

    trainer.add_event_handler(Events.GET_BATCH_STARTED, now, "asked")
    trainer.add_event_handler(Events.GET_BATCH_COMPLETED, got)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=settled), now, "start")
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=steps), now, "end")
    workflow.run()
    seconds = clock["end"] - clock["start"]
    peak = torch.cuda.max_memory_allocated(device) / 2**30 if device.type == "cuda" else None
    return {
        "batch": batch,
        "steps_per_s": (steps - settled) / seconds,
        "slices_per_s": batch * (steps - settled) / seconds,
        "waiting_for_data": clock["waited"] / seconds,
        "gpu_memory_gib": peak,
    }


if __name__ == "__main__":
    sys.exit(main())
