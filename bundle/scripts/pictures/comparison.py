"""Figures of slices side by side, with a difference at the end of every row."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from scripts.hu_window import CTA_WINDOW, SOFT_TISSUE_WINDOW

_INCHES = 3.2
_DIFFERENCE_HU = 400


@dataclass(frozen=True)
class ComparisonRow:
    """One row: slices in HU by title, shape (X, Y) in index order LPS, the first of them without contrast.

    Attributes:
        slices_hu: slices by title.
        difference_of: titles of minuend and subtrahend.
        outline: pixels to outline in the first slice, shape (X, Y).
        name: what stands beside the row.
    """

    slices_hu: dict[str, np.ndarray]
    difference_of: tuple[str, str]
    outline: np.ndarray
    name: str = ""


def save_comparison(rows: Sequence[ComparisonRow], path: Path) -> None:
    """Save rows as a PNG: the first slice in the soft-tissue window, the others in the CTA window, the difference."""
    columns = max(len(row.slices_hu) for row in rows) + 1
    figure, axes = plt.subplots(len(rows), columns, figsize=(_INCHES * columns, _INCHES * len(rows)), squeeze=False)
    for row, row_axes in zip(rows, axes, strict=True):
        for axis in row_axes:
            axis.set_axis_off()
        for axis, (title, slice_hu) in zip(row_axes, row.slices_hu.items(), strict=False):
            black_hu, white_hu = (SOFT_TISSUE_WINDOW if axis is row_axes[0] else CTA_WINDOW).range_hu
            axis.imshow(slice_hu.T, cmap="gray", vmin=black_hu, vmax=white_hu)
            axis.set_title(title, fontsize=9)
        if row.name:
            row_axes[0].set_title(f"{row.name}\n{next(iter(row.slices_hu))}", fontsize=9, loc="left")
            row_axes[0].set_title("")
        if row.outline.any():
            row_axes[0].contour(row.outline.T, levels=[0.5], colors="tab:orange", linewidths=0.7)
        minuend, subtrahend = row.difference_of
        difference_hu = row.slices_hu[minuend] - row.slices_hu[subtrahend]
        row_axes[-1].imshow(difference_hu.T, cmap="RdBu_r", vmin=-_DIFFERENCE_HU, vmax=_DIFFERENCE_HU)
        row_axes[-1].set_title(f"{minuend} - {subtrahend}, ±{_DIFFERENCE_HU} HU", fontsize=9)
    figure.tight_layout(pad=0.4)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=70, facecolor="white")
    plt.close(figure)
