"""Times the shipped generator alone: one whole slice of 512 x 512 with its neighbours, one thread, each engine.

python benchmarks/network.py
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from monai.bundle import ConfigParser

BUNDLE = Path(__file__).resolve().parents[1] / "bundle"
sys.path.insert(0, str(BUNDLE))

_SIDE_PX, _REPEATS = 512, 5


def generator_core_s() -> dict[str, float]:
    """Core-seconds a slice by engine, the best of five; random values cost what a slice of a patient costs."""
    from scripts.organs import CONTEXT_ORGANS
    from scripts.runtime.memory import keep_large_buffers
    from scripts.runtime.openvino_network import converted

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    keep_large_buffers()
    parser = ConfigParser()
    parser.read_config(BUNDLE / "configs" / "inference.yaml")
    network = parser.get_parsed_content("network_def").eval().to(memory_format=torch.channels_last)
    network.load_state_dict(torch.load(BUNDLE / "models" / "model.pt", weights_only=True))
    channels = 2 * parser.get_parsed_content("network_def#context_slices") + 1 + len(CONTEXT_ORGANS)
    batch = torch.rand(1, channels, _SIDE_PX, _SIDE_PX) * 2 - 1  # (1, C, h, w)
    by_openvino, last = converted(network, batch), batch.contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        found = {"torch": _best_s(lambda: network(last)), "openvino": _best_s(lambda: by_openvino(batch))}
    torch.set_num_threads(threads)
    return found


def _best_s(run: Callable[[], object]) -> float:
    run()
    seconds = []
    for _ in range(_REPEATS):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return min(seconds)


if __name__ == "__main__":
    for engine, core_s in generator_core_s().items():
        print(f"{engine}: {core_s:.3f} core-s a slice")
