"""What runs a network at inference: PyTorch, or OpenVINO on CPUs, behind one module."""

from scripts.runtime.inference_network import InferenceNetwork

__all__ = ["InferenceNetwork"]
