"""A network as inference runs it: by OpenVINO on CPUs, which halves its cost there, else by PyTorch."""

import logging
from typing import Literal, get_args

import torch
from torch import nn

from scripts.runtime.memory import keep_large_buffers
from scripts.runtime.openvino_network import OpenVINONetwork, converted

logger = logging.getLogger(__name__)

Engine = Literal["auto", "torch", "openvino"]


class InferenceNetwork(nn.Module):
    """Takes the place of a network in evaluation mode, and gives the same values.

    OpenVINO converts the network at the first call, so weights may be loaded into `network` until then; weights loaded
    later make it convert again. A network that it cannot convert, or that gives other values in it, is run by PyTorch,
    and the log says so. On a GPU, in training mode or with gradients PyTorch always runs it.

    The precision is float32; under a CPU's autocast to bfloat16 it is bfloat16. Measured with the shipped weights,
    float32 of OpenVINO is at most 0.04 HU from PyTorch's; bfloat16 0.16 HU on average and 11 HU at single voxels.

    Args:
        network: takes one tensor (B, C, ...) of 2 or 3 spatial dimensions and gives one; sizes may vary from call to
            call, channels may not.
        engine: "auto" for OpenVINO on CPUs, "openvino" for the same with an error instead of the fallback, "torch".

    Raises:
        ValueError: when there is no such engine.
    """

    def __init__(self, network: nn.Module, engine: Engine = "auto") -> None:
        super().__init__()
        if engine not in get_args(Engine):
            raise ValueError(f"engine must be one of {', '.join(get_args(Engine))}, found {engine!r}.")
        self.network = network
        self.engine = engine
        self._converted: OpenVINONetwork | None = None
        self._refused = False
        network.register_load_state_dict_post_hook(lambda *_: self._drop_converted())

    @property
    def engine_name(self) -> str:
        """Engine of the last call, with its version: "torch 2.13.0" or "openvino 2026.4.1"."""
        return f"torch {torch.__version__}" if self._converted is None else self._converted.name

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Run the network.

        Args:
            batch: shape (B, C, H, W) or (B, C, X, Y, Z).

        Returns:
            What the network gives for it.

        Raises:
            RuntimeError: with the engine "openvino", when OpenVINO cannot run the network.
        """
        if batch.is_cuda or self.network.training or torch.is_grad_enabled():
            return self.network(batch)
        converted_network = self._in_openvino(batch)
        if converted_network is None:
            keep_large_buffers()
            return self.network(batch)
        return converted_network(batch, half=torch.is_autocast_enabled("cpu"))

    def release(self) -> None:
        """Give back the memory that the last calls took for their activations."""
        if self._converted is not None:
            self._converted.release()

    def _in_openvino(self, batch: torch.Tensor) -> OpenVINONetwork | None:
        """The converted network, converted at the first call; None where PyTorch runs it."""
        if self._converted is not None or self.engine == "torch" or self._refused:
            return self._converted
        try:
            self._converted = converted(self.network, batch[:1])
        except Exception as error:  # a converter fails in many ways, and PyTorch can always run it
            if self.engine == "openvino":
                raise RuntimeError(f"OpenVINO cannot run {type(self.network).__name__}: {error}") from error
            self._refused = True
            logger.warning(
                "OpenVINO cannot run %s (%s). PyTorch runs it instead, which takes longer.",
                type(self.network).__name__,
                type(error).__name__,
            )
        return self._converted

    def _drop_converted(self) -> None:
        self._converted, self._refused = None, False
