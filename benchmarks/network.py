"""Times the shipped generator alone: one whole slice of 512 x 512 with its neighbours, one thread, each engine.

    python benchmarks/network.py

Random values cost what a slice of a patient costs. Of several runs the cheapest counts, since other load only adds.
"""

import argparse
import sys
import time
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bundle"))

from scripts.evaluation.synthesis import Synthesis  # noqa: E402 - found by the line above

_SIDE_PX = 512


def main() -> int:
    """Time both engines; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="runs of each engine, after a first (default: 5)")
    runs = parser.parse_args().runs
    torch.set_num_threads(1)
    for engine in ("torch", "openvino"):
        print(f"{engine}: {_core_s(engine, runs):.3f} core-s a slice", flush=True)
    return 0


def _core_s(engine: str, runs: int) -> float:
    synthesis = Synthesis(settings={"engine": engine, "device": "cpu"})
    context_channels = synthesis.parser.get_parsed_content("network_def#context_channels")
    channels = 2 * synthesis.inferer.context_slices + 1 + context_channels
    batch = torch.rand(1, channels, _SIDE_PX, _SIDE_PX) * 2 - 1  # (1, C, h, w)
    seconds = []
    with torch.inference_mode():
        for _ in range(runs + 1):
            start = time.process_time()
            synthesis.network(batch)
            seconds.append(time.process_time() - start)
    return min(seconds[1:])  # the first converts and compiles


if __name__ == "__main__":
    sys.exit(main())
