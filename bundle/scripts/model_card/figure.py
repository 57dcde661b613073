"""A figure of NCCT, Syn-CTA and their difference in slices of a volume."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from scripts.pictures import CTA_WINDOW, SOFT_TISSUE_WINDOW

_INCHES = 3.2


def save_comparison(
    columns: dict[str, np.ndarray], difference_of: tuple[str, str], slices: Sequence[int], masks: np.ndarray, path: Path
) -> None:
    """Save one row a slice: each volume, then a difference, each in the CTA window but the first.

    Args:
        columns: volumes in HU by title, shape (X, Y, Z) in index order LPS; the first in the soft-tissue window.
        difference_of: titles of minuend and subtrahend.
        slices: indices along Z.
        masks: voxels to outline in the first column, shape (X, Y, Z).
        path: PNG to write.
    """
    minuend, subtrahend = difference_of
    figure, axes = plt.subplots(
        len(slices), len(columns) + 1, figsize=(_INCHES * (len(columns) + 1), _INCHES * len(slices)), squeeze=False
    )
    for row, index in zip(axes, slices, strict=True):
        for axis, (title, volume_hu) in zip(row, columns.items(), strict=False):
            window = SOFT_TISSUE_WINDOW if axis is row[0] else CTA_WINDOW
            black_hu, white_hu = window.range_hu
            axis.imshow(volume_hu[:, :, index].T, cmap="gray", vmin=black_hu, vmax=white_hu)
            axis.set_title(title, fontsize=9)
        if masks[:, :, index].any():
            row[0].contour(masks[:, :, index].T, levels=[0.5], colors="tab:orange", linewidths=0.7)
        difference_hu = columns[minuend][:, :, index] - columns[subtrahend][:, :, index]
        row[-1].imshow(difference_hu.T, cmap="RdBu_r", vmin=-400, vmax=400)
        row[-1].set_title(f"{minuend} - {subtrahend}, ±400 HU", fontsize=9)
        for axis in row:
            axis.set_axis_off()
    figure.tight_layout(pad=0.4)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=70, facecolor="white")
    plt.close(figure)
