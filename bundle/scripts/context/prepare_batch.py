"""Passes the context map of a volume to the inferer in MONAI's evaluators."""

from typing import Any

import torch
from monai.engines import default_prepare_batch


def with_context(
    batchdata: dict[str, torch.Tensor],
    device: str | torch.device | None = None,
    non_blocking: bool = False,
    **options: Any,
) -> tuple[torch.Tensor, torch.Tensor | None, tuple, dict[str, torch.Tensor]]:
    """Prepare a batch as MONAI does; "context", where it is there, becomes a keyword argument of the inferer.

    Args:
        batchdata: the batch.
        device: where the volumes go.
        non_blocking: of the transfer.
        options: further ones of `Tensor.to`.

    Returns:
        Image, label, no further arguments, and the keyword arguments.
    """
    image, label = default_prepare_batch(batchdata, device, non_blocking, **options)
    context = {"context": batchdata["context"]} if "context" in batchdata else {}
    return image, label, (), context
