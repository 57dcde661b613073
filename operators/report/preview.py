"""preview.png: NCCT, Syn-CTA, difference and uncertainty in axial, coronal and sagittal cuts, labelled SYNTHETIC."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from operators.report.comparison import Comparison
from operators.report.patient_view import patient_axes, towards_patient

WINDOW_HU = (300.0, 600.0)  # centre, width: CTA
DIFFERENCE_HU = 300.0  # the colours of the difference end here
UNCERTAINTY_HU = 100.0  # and those of the uncertainty here
_PANEL_WIDTH_PX = 380
_PANEL_HEIGHT_PX = 1600  # a long and narrow scan is shown smaller
_GAP_PX = 6
_BANNER_PX = 34
_CAPTION_PX = 22
_LABELLED_FROM_PX = 80  # in a flatter cut the label would hide the picture; its caption also has the label
_TITLE = "SYNTHETIC CT angiogram, computed from {source}. Research only, not for diagnosis."


def draw_preview(
    ncct_hu: np.ndarray,
    syn_cta_hu: np.ndarray,
    uncertainty_hu: np.ndarray | None = None,
    *,
    affine_lps: np.ndarray,
    comparison: Comparison,
    label: str = "SYNTHETIC",
    source: str = "non-contrast CT",
) -> Image.Image:
    """Draw the cuts through the planes with most enhancement, true to mm.

    Rows are axial, coronal and sagittal; columns NCCT, Syn-CTA, difference and, where it is given, uncertainty. The
    view is radiological: the patient's right on the left of the picture, head up in the coronal and sagittal cuts.

    Args:
        ncct_hu: (slice, row, column) source.
        syn_cta_hu: result on the same grid.
        uncertainty_hu: its standard deviation on the same grid, None where it was not computed.
        affine_lps: (4, 4) matrix from (column, row, slice, 1) to mm in LPS.
        comparison: says where the enhancement lies.
        label: text on the synthetic panels.
        source: what the source is, in words.

    Returns:
        The picture.
    """
    axes, flips, spacing_mm = patient_axes(affine_lps)
    volumes_hu = [volume for volume in (ncct_hu, syn_cta_hu, uncertainty_hu) if volume is not None]
    volumes_hu = [towards_patient(volume, axes, flips) for volume in volumes_hu]  # (S, P, L)
    shape = volumes_hu[0].shape
    planes = [comparison.richest_planes[axis] for axis in axes]
    planes = [size - 1 - i if flip else i for i, flip, size in zip(planes, flips, shape, strict=True)]
    px_per_mm = _PANEL_WIDTH_PX / (shape[2] * spacing_mm[2])
    px_per_mm = min(px_per_mm, *(_PANEL_HEIGHT_PX / (shape[i] * spacing_mm[i]) for i in (0, 1)))

    rows = []
    for axis, name in enumerate(("axial", "coronal", "sagittal")):
        ncct, result, *deviation = (np.take(volume, planes[axis], axis=axis) for volume in volumes_hu)
        height_mm, width_mm = (spacing_mm[i] * shape[i] for i in range(3) if i != axis)
        size_px = max(1, round(width_mm * px_per_mm)), max(1, round(height_mm * px_per_mm))
        panels = [
            _grey(ncct),
            _grey(result),
            _coloured(np.subtract(result, ncct, dtype=np.float32)),
            *map(_heat, deviation),
        ]
        if axis > 0:
            panels = [panel.transpose(Image.Transpose.FLIP_TOP_BOTTOM) for panel in panels]  # head up
        rows.append((name, [panel.resize(size_px, Image.Resampling.BILINEAR) for panel in panels]))
    return _compose(rows, label, _TITLE.format(source=source))


def _grey(plane_hu: np.ndarray) -> Image.Image:
    centre, width = WINDOW_HU
    scaled = np.clip((plane_hu - (centre - width / 2)) / width, 0, 1)
    return Image.fromarray((scaled * 255).astype(np.uint8)).convert("RGB")


def _coloured(added_hu: np.ndarray) -> Image.Image:
    """Raised HU in orange, lowered in blue, unchanged black."""
    share = np.clip(added_hu / DIFFERENCE_HU, -1, 1)[..., None]  # (row, column, 1)
    orange, blue = np.array([255.0, 150.0, 40.0]), np.array([60.0, 140.0, 255.0])
    return Image.fromarray((np.maximum(share, 0) * orange + np.maximum(-share, 0) * blue).astype(np.uint8))


def _heat(deviation_hu: np.ndarray) -> Image.Image:
    """Black over red and yellow to white at `UNCERTAINTY_HU`."""
    share = np.clip(deviation_hu / UNCERTAINTY_HU, 0, 1)[..., None]  # (row, column, 1)
    return Image.fromarray((np.clip(3 * share - np.array([0.0, 1.0, 2.0]), 0, 1) * 255).astype(np.uint8))


def _compose(rows: list[tuple[str, list[Image.Image]]], label: str, title: str) -> Image.Image:
    heights = [max(panel.height for panel in panels) + _CAPTION_PX for _, panels in rows]
    count = len(rows[0][1])
    width = count * _PANEL_WIDTH_PX + (count + 1) * _GAP_PX
    width = max(width, *(sum(panel.width + _GAP_PX for panel in panels) + _GAP_PX for _, panels in rows))
    picture = Image.new("RGB", (width, _BANNER_PX + sum(heights) + _GAP_PX * len(rows)), (24, 24, 24))
    draw = ImageDraw.Draw(picture)
    draw.text((width / 2, _BANNER_PX / 2), title, fill=(255, 200, 60), font=ImageFont.load_default(17), anchor="mm")
    columns = (
        "NCCT, {cut}",
        f"Syn-CTA ({label}), " + "{cut}",
        f"difference, +-{DIFFERENCE_HU:.0f} HU: orange raised, blue lowered",
        f"uncertainty (SD), 0 to {UNCERTAINTY_HU:.0f} HU: bright where not to trust",
    )
    top = _BANNER_PX
    for (cut, panels), height in zip(rows, heights, strict=True):
        for i, panel in enumerate(panels):
            cell = (width - _GAP_PX) // count
            left = _GAP_PX + i * cell + (cell - _GAP_PX - panel.width) // 2
            draw.text(
                (_GAP_PX + i * cell + 2, top + 3),
                columns[i].format(cut=cut),
                fill=(220, 220, 220),
                font=ImageFont.load_default(13),
            )
            picture.paste(panel, (left, top + _CAPTION_PX))
            if i > 0 and panel.height > _LABELLED_FROM_PX:
                draw.text(
                    (left + panel.width / 2, top + _CAPTION_PX + panel.height - 4),
                    label,
                    fill=(255, 200, 60),
                    font=ImageFont.load_default(15),
                    anchor="ms",
                )
        top += height + _GAP_PX
    return picture
