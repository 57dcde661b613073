"""Marks drawn on enlarged slices of their scan, with a grid of LPS millimetres, to check them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle as Ring
from tqdm import tqdm

from cohorts.ct.reading import AIR_HU
from cohorts.marks.circles import Circle
from cohorts.marks.tubes import by_level
from scripts.hu_window import SOFT_TISSUE_WINDOW

ARTERY_COLOUR, NEGATIVE_COLOUR, REGION_COLOUR = "red", "cyan", "yellow"

GRID_MM = 10
"""Distance of the grid's lines; every second line has a number."""

PIXEL_MM = 0.25
"""The slice is interpolated to pixels of this size."""

_DPI = 100


def draw_marks(ncct: sitk.Image, circles: Sequence[Circle], out: Path, margin_mm: float = 25.0) -> list[Path]:
    """Draw one picture for each marked level, in a soft-tissue window, as seen from the feet.

    Args:
        ncct: the scan in HU, in any orientation.
        circles: its marks.
        out: folder that gets the pictures, numbered from the feet to the head; it is made.
        margin_mm: shown beyond the outermost circles of all levels.

    Returns:
        The pictures.

    Raises:
        ValueError: a mark lies outside the scan: it belongs to another one. Nothing is written then.
    """
    if not circles:
        raise ValueError("the file has no marks to draw.")
    for circle in circles:
        _require_inside(ncct, circle)
    view_mm = _view_mm(circles, margin_mm)
    out.mkdir(parents=True, exist_ok=True)
    pictures = []
    for number, level in enumerate(tqdm(by_level(circles), desc="marks", unit="slice"), start=1):
        z_mm = level[0].z_mm
        pictures.append(out / f"{number:03d}_z{z_mm:+.1f}mm.png")
        _picture(_slice_hu(ncct, z_mm, view_mm), level, view_mm).savefig(pictures[-1], dpi=_DPI)
    return pictures


def _require_inside(ncct: sitk.Image, circle: Circle) -> None:
    place_mm = (circle.x_mm, circle.y_mm, circle.z_mm)
    index = ncct.TransformPhysicalPointToContinuousIndex(place_mm)
    if not all(-0.5 <= i <= n - 0.5 for i, n in zip(index, ncct.GetSize(), strict=True)):
        last = [n - 1 for n in ncct.GetSize()]
        ends = [ncct.TransformIndexToPhysicalPoint(corner) for corner in ([0, 0, 0], last)]
        reach = ", ".join(
            f"{axis} {min(e):.0f} to {max(e):.0f}" for axis, e in zip("xyz", zip(*ends, strict=True), strict=True)
        )
        raise ValueError(
            f"{circle.structure} at {place_mm} mm lies outside the scan ({reach} mm). Check that the marks belong to "
            "this scan."
        )


def _view_mm(circles: Sequence[Circle], margin_mm: float) -> tuple[float, float, float, float]:
    """Left, right, upper and lower end of the pictures, LPS x and y."""
    lows = [min(getattr(c, axis) - c.radius_mm for c in circles) - margin_mm for axis in ("x_mm", "y_mm")]
    highs = [max(getattr(c, axis) + c.radius_mm for c in circles) + margin_mm for axis in ("x_mm", "y_mm")]
    return lows[0], highs[0], lows[1], highs[1]


def _slice_hu(ncct: sitk.Image, z_mm: float, view_mm: tuple[float, float, float, float]) -> np.ndarray:
    """The scan at one level, (rows, columns) in HU, linearly interpolated to `PIXEL_MM`."""
    left, right, upper, lower = view_mm
    grid = sitk.Image([round((right - left) / PIXEL_MM), round((lower - upper) / PIXEL_MM), 1], sitk.sitkUInt8)
    grid.SetSpacing((PIXEL_MM, PIXEL_MM, 1.0))
    grid.SetOrigin((left + PIXEL_MM / 2, upper + PIXEL_MM / 2, z_mm))
    resampled = sitk.Resample(ncct, grid, sitk.Transform(), sitk.sitkLinear, AIR_HU, sitk.sitkFloat32)
    return sitk.GetArrayFromImage(resampled)[0]


def _picture(slice_hu: np.ndarray, level: Sequence[Circle], view_mm: tuple[float, float, float, float]) -> Figure:
    left, right, upper, lower = view_mm
    rows, columns = slice_hu.shape
    figure = Figure(figsize=(columns / _DPI + 1, rows / _DPI + 1), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    black_hu, white_hu = SOFT_TISSUE_WINDOW.range_hu
    axes.imshow(slice_hu, cmap="gray", vmin=black_hu, vmax=white_hu, extent=(left, right, lower, upper))
    for circle in level:
        colour = ARTERY_COLOUR if circle.is_artery else NEGATIVE_COLOUR if circle.is_negative else REGION_COLOUR
        axes.add_patch(Ring((circle.x_mm, circle.y_mm), circle.radius_mm, fill=False, color=colour, linewidth=0.8))
        label_mm = (circle.x_mm, circle.y_mm - circle.radius_mm - 0.5)
        axes.annotate(circle.structure, label_mm, color=colour, fontsize=6, ha="center", clip_on=True)
    axes.set_xticks(np.arange(np.ceil(left / GRID_MM), right / GRID_MM) * GRID_MM)
    axes.set_yticks(np.arange(np.ceil(upper / GRID_MM), lower / GRID_MM) * GRID_MM)
    for ticks in (axes.xaxis, axes.yaxis):
        ticks.set_major_formatter(lambda mm, _: f"{mm:.0f}" if mm % (2 * GRID_MM) == 0 else "")
    axes.grid(color="white", alpha=0.2, linewidth=0.5)
    axes.tick_params(labelsize=7)
    axes.set_xlabel("x, mm to the patient's left", fontsize=8)
    axes.set_ylabel("y, mm to the back", fontsize=8)
    axes.set_title(f"z {level[0].z_mm:g} mm", fontsize=9)
    return figure
