"""Rows of training slices as grey pictures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from scripts.hu_window import HUWindow

TRAINING_WINDOW = HUWindow.centred(100, 700)
_FLOW_WHITE_MM = 6.0
_COLUMNS = {"ncct": "NCCT", "synthetic": "synthetic", "warped": "warped", "cta": "CTA"}
_HEADER_PX = 18


def step_picture(output: dict[str, torch.Tensor], hu_range: Sequence[float], pixel_mm: float) -> np.ndarray:
    """Lay out one training step: a row a slice; NCCT, synthetic, warped, CTA, length of the flow (white: 6 mm).

    The first row names the columns.

    Args:
        output: output of `PairedGANTrainer`.
        hu_range: HU that -1 and 1 stand for.
        pixel_mm: in-plane spacing of the slices.

    Returns:
        Grey picture, uint8, shape (18 + B * H, 5 * W).
    """
    columns = [_grey(output[name], hu_range) for name in _COLUMNS]
    flow_mm = np.asarray(output["flow_px"].float().norm(dim=1).cpu()) * pixel_mm  # (B, H, W)
    columns.append((np.clip(flow_mm / _FLOW_WHITE_MM, 0, 1) * 255).astype(np.uint8))
    sheet = _sheet(columns)
    names = [*_COLUMNS.values(), f"flow, white {_FLOW_WHITE_MM:.0f} mm"]
    return np.concatenate([_header(names, columns[0].shape[2]), sheet])


def save_batch_picture(batch: dict[str, torch.Tensor], path: str | Path, hu_range: Sequence[float]) -> None:
    """Save a batch of the training loader as a PNG: a row a slice; NCCT, CTA as acquired."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(_sheet([_grey(batch[name], hu_range) for name in ("ncct", "cta")])).save(path)


def _header(names: Sequence[str], width: int) -> np.ndarray:
    """A row with the names of the columns; each is `width` pixels wide."""
    header = Image.new("L", (len(names) * width, _HEADER_PX))
    draw = ImageDraw.Draw(header)
    for i, name in enumerate(names):
        draw.text((i * width + 3, 2), name, fill=255, font=ImageFont.load_default(12))
    return np.asarray(header)


def _grey(slices_norm: torch.Tensor, hu_range: Sequence[float]) -> np.ndarray:
    middle = slices_norm.shape[1] // 2  # its neighbours are beside it
    slices_hu = HUWindow(hu_range).to_hu(np.asarray(slices_norm.float().cpu())[:, middle])  # (B, H, W)
    return TRAINING_WINDOW.grey(slices_hu)


def _sheet(columns: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.concatenate(list(column), axis=0) for column in columns], axis=1)
