"""One picture: a slice with its error and its uncertainty, and the error against the uncertainty over all patients."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from scripts.hu_window import CTA_WINDOW

_INCHES = 3.2
_ERROR_HU = 300.0
_UNCERTAINTY_HU = 100.0


@dataclass(frozen=True)
class Example:
    """A slice of one patient, shape (X, Y) in index order LPS, in HU."""

    patient: str
    synthetic_hu: np.ndarray
    error_hu: np.ndarray
    uncertainty_hu: np.ndarray


def save_figure(examples: list[Example], curve_hu: tuple[np.ndarray, np.ndarray], path: Path) -> None:
    """Draw one row for each example, and the curve beside them.

    Args:
        examples: slices to show.
        curve_hu: uncertainty and error of groups of blocks.
        path: PNG file to write.
    """
    figure = Figure(figsize=(_INCHES * 4.4, _INCHES * len(examples)))
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(len(examples), 4, width_ratios=(1, 1, 1, 1.4))
    black_hu, white_hu = CTA_WINDOW.range_hu
    for row, example in enumerate(examples):
        for column, (title, slice_hu, color_map, low_hu, high_hu) in enumerate(
            (
                (f"Syn-CTA, {example.patient}", example.synthetic_hu, "gray", black_hu, white_hu),
                (f"|error|, 0 to {_ERROR_HU:.0f} HU", example.error_hu, "inferno", 0, _ERROR_HU),
                (f"uncertainty, 0 to {_UNCERTAINTY_HU:.0f} HU", example.uncertainty_hu, "inferno", 0, _UNCERTAINTY_HU),
            )
        ):
            axes = figure.add_subplot(grid[row, column])
            axes.imshow(slice_hu.T, cmap=color_map, vmin=low_hu, vmax=high_hu)
            axes.set_title(title, fontsize=9)
            axes.set_axis_off()
    axes = figure.add_subplot(grid[:, 3])
    axes.plot(*curve_hu, marker="o")
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xlabel("uncertainty (SD), HU: tenths of the body's blocks", fontsize=9)
    axes.set_ylabel("mean |error|, HU", fontsize=9)
    axes.grid(alpha=0.3)
    figure.tight_layout(pad=0.5)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80, facecolor="white")
