"""The scalars of a training step that are worth a curve."""

from collections.abc import Mapping, Sequence

import torch


def training_figures(
    output: dict[str, torch.Tensor],
    losses: Sequence[str],
    pixel_mm: float,
    optimizers: Mapping[str, torch.optim.Optimizer],
) -> dict[str, float]:
    """Collect losses and measures of the flow.

    Args:
        output: output of `PairedGANTrainer`.
        losses: names of its scalars.
        pixel_mm: in-plane spacing of the training slices.
        optimizers: optimisers by name; the rate of the first group of each is reported.

    Returns:
        The losses, the learning rates, mean and maximum length of the flow in mm, and the share of folded pixels
        (Jacobian at most 0).
    """
    flow_px = output["flow_px"]
    length_mm = torch.hypot(flow_px[:, 0], flow_px[:, 1]) * pixel_mm  # (B, H, W)
    return {
        **{name: float(output[name]) for name in losses},
        **{f"{name}_lr": optimizer.param_groups[0]["lr"] for name, optimizer in optimizers.items()},
        "flow_mean_mm": float(length_mm.mean()),
        "flow_max_mm": float(length_mm.max()),
        "folded_share": float((_jacobian(flow_px) <= 0).float().mean()),
    }


def _jacobian(flow_px: torch.Tensor) -> torch.Tensor:
    """Determinant of the derivative of x + flow(x), by forward differences, shape (B, H - 1, W - 1)."""
    by_row = flow_px.diff(dim=2)[..., :-1]  # (B, 2, H - 1, W - 1)
    by_column = flow_px.diff(dim=3)[:, :, :-1]  # (B, 2, H - 1, W - 1)
    return (1 + by_row[:, 0]) * (1 + by_column[:, 1]) - by_row[:, 1] * by_column[:, 0]
