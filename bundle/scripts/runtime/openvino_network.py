"""A PyTorch network in OpenVINO's runtime: converted once, compiled for each size of its input."""

import threading
import warnings
from collections import OrderedDict
from typing import Any

import torch
from torch import nn

from scripts.runtime.conversion_cache import ConversionCache
from scripts.runtime.core import core
from scripts.runtime.memory import return_freed_memory

_SIZES = 4
"""Compiled sizes that are kept, since each holds memory for its activations."""

_TRACED_PX, _CHECKED_PX = {4: 96, 5: 64}, {4: 64, 5: 32}
"""Sides of what a network is traced and then checked on, by dimensions of the batch: two sizes, small ones, and
multiples of 32, since networks may ask for that."""

_TOLERANCE = 5e-4
"""Largest difference from PyTorch, relative to the largest value: 1 HU of a range of 4095."""


class OpenVINONetwork:
    """A converted network; called like the module that it came from.

    Each sample of a batch is computed by a stream of its own, so that the threads of the CPU wait for each other once a
    batch and not at every layer. As many threads as PyTorch has are used. They sleep while they wait.

    Args:
        model: the converted network, an `openvino.Model` with sizes that may vary.
    """

    def __init__(self, model: Any) -> None:
        import openvino

        self.name = f"openvino {openvino.__version__.split('-')[0]}"
        self._model = model
        self._one_batch = threading.Lock()
        self._queues: OrderedDict[tuple, Any] = OrderedDict()

    def __call__(self, batch: torch.Tensor, half: bool = False) -> torch.Tensor:
        """Run a batch.

        Args:
            batch: shape (B, C, ...), on the CPU.
            half: compute in bfloat16, where the CPU has it.

        Returns:
            float32, shape (B, C', ...).
        """
        import openvino

        samples = batch.as_subclass(torch.Tensor).float().contiguous().numpy()
        results: dict[int, torch.Tensor] = {}

        def keep(request: openvino.InferRequest, i: int) -> None:
            results[i] = torch.from_numpy(request.get_output_tensor(0).data.copy())  # the request is used again

        with self._one_batch:
            queue = self._queue(samples.shape, half)
            queue.set_callback(keep)
            for i in range(len(samples)):
                queue.start_async(openvino.Tensor(samples[i : i + 1], shared_memory=True), i)
            queue.wait_all()
        return torch.cat([results[i] for i in range(len(samples))])

    def release(self) -> None:
        """Give the memory of the compiled sizes back to the system; the next call compiles its size again."""
        with self._one_batch:
            self._queues.clear()
        return_freed_memory()

    def _queue(self, shape: tuple[int, ...], half: bool) -> Any:
        """Requests for batches of a size."""
        import openvino

        key = (*shape[1:], half)
        if key not in self._queues:
            threads = torch.get_num_threads()
            streams = min(shape[0], threads)
            model = self._model.clone()
            model.reshape([1, *shape[1:]])  # fixed sizes are a quarter faster than variable ones
            options = {
                "INFERENCE_NUM_THREADS": threads,
                "NUM_STREAMS": streams,
                "INFERENCE_PRECISION_HINT": "bf16" if half else "f32",  # else the CPU chooses
            }
            self._queues[key] = openvino.AsyncInferQueue(core().compile_model(model, "CPU", options), streams)
            if len(self._queues) > _SIZES:
                self._queues.popitem(last=False)
        self._queues.move_to_end(key)
        return self._queues[key]


def converted(network: nn.Module, sample: torch.Tensor) -> OpenVINONetwork:
    """Convert a network, or take its conversion from the cache.

    Args:
        network: in evaluation mode, on the CPU.
        sample: one input of it, shape (1, C, ...); what is larger than needed is cut off.

    Raises:
        ValueError: when the converted network gives other values than the network.
        Exception: whatever PyTorch's tracer or OpenVINO says about a network that they do not understand.
    """
    example = _cut(sample, _TRACED_PX[sample.dim()])
    cache = ConversionCache(network, example)
    model = cache.read()
    if model is not None:
        return OpenVINONetwork(model)
    model = _convert(network, example)
    result = OpenVINONetwork(model)
    _check(result, network, _cut(sample, _CHECKED_PX[sample.dim()]))
    cache.write(model)
    return result


def _convert(network: nn.Module, example: torch.Tensor) -> Any:
    """By OpenVINO's own frontend: its converter `ovc` would report its use to its vendor."""
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    with torch.autocast("cpu", enabled=False), warnings.catch_warnings():
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # whether a size was taken for a constant is checked
        traced = torch.jit.trace(network, example, check_trace=False)
    # The frontend holds no reference to the decoder; the weights are copied, since others may be loaded later.
    decoder = TorchScriptPythonDecoder(traced, example_input=example, shared_memory=False)
    frontend = FrontEndManager().load_by_framework("pytorch")
    return frontend.convert(frontend.load(decoder))


def _check(result: OpenVINONetwork, network: nn.Module, sample: torch.Tensor) -> None:
    with torch.autocast("cpu", enabled=False):
        expected = network(sample).float()
    found = result(sample)
    if found.shape != expected.shape:
        raise ValueError(f"the converted network gives {tuple(found.shape)} for {tuple(expected.shape)}")
    difference = float((found - expected).abs().max() / expected.abs().max().clamp(min=1e-6))
    if not difference < _TOLERANCE:
        raise ValueError(f"the converted network is {difference:.2g} away from PyTorch's")


def _cut(sample: torch.Tensor, side_px: int) -> torch.Tensor:
    """The middle of a sample, limited to this number of pixels a side."""
    sample = sample.as_subclass(torch.Tensor).float()
    for axis in range(2, sample.dim()):
        length = min(side_px, sample.shape[axis])
        sample = sample.narrow(axis, (sample.shape[axis] - length) // 2, length)
    return sample.contiguous()
