"""result.html: NCCT and Syn-CTA to scroll through, in one file without server or network, to look at and to mail.

The page is not a DICOM viewer: slices are left out, reduced in size and compressed with loss. It holds no patient data
in text, but its pictures show a patient: keep this in mind before mailing it.
"""

import base64
import hashlib
import html
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from operators.dicom_objects.source_contrast import SourceContrast
from operators.provenance import Provenance
from operators.report.measures import MeasureGroup
from operators.report.patient_view import patient_axes, towards_patient

RANGE_HU = (-160.0, 640.0)
"""HU of black and white in the stored pictures: holds the CTA and the soft tissue window, at 3 HU a grey level."""

_TEMPLATE = Path(__file__).with_name("page.html")
_PANEL_PX = 440  # larger side of a picture
_MOST_SLICES = 100
_BUDGET_BYTES = 2_600_000  # of pictures, a third more in the file: a mail server takes it
_QUALITIES = (75, 60, 45, 30, 15, 5)
_LABEL = "SYNTHETIC"


def draw_page(
    ncct_hu: np.ndarray,
    syn_cta_hu: np.ndarray,
    *,
    affine_lps: np.ndarray,
    start_slice: int,
    measures: list[MeasureGroup],
    warnings: Sequence[str],
    provenance: Provenance,
    source_contrast: SourceContrast,
) -> str:
    """Make the page.

    Args:
        ncct_hu: (slice, row, column) source.
        syn_cta_hu: result on the same grid.
        affine_lps: (4, 4) matrix from (column, row, slice, 1) to mm in LPS.
        start_slice: slice to show first.
        measures: the figures.
        warnings: what a reader should know.
        provenance: software and weights.
        source_contrast: what may be said of the source.

    Returns:
        HTML, a few MB at most.
    """
    axes, flips, spacing_mm = patient_axes(affine_lps)
    volumes = [towards_patient(volume, axes, flips) for volume in (ncct_hu, syn_cta_hu)]  # (S, P, L)
    slices = volumes[0].shape[0]
    start = slices - 1 - start_slice if flips[0] else start_slice
    step = -(-slices // _MOST_SLICES)
    shown = list(range(start % step, slices, step))[::-1]  # from head to feet, as one scrolls
    size_px = _size_px(volumes[0].shape[1:], spacing_mm[1:])
    frames = [_frame([volume[i] for volume in volumes], size_px) for i in shown]
    content = {
        "frames": [base64.b64encode(picture).decode("ascii") for picture in _compressed(frames)],
        "numbers": [i + 1 for i in shown],
        "slices": slices,
        "start": shown.index(start),
        "range_hu": RANGE_HU,
    }
    return _filled(content, measures, warnings, provenance, source_contrast)


def _size_px(shape: tuple[int, ...], spacing_mm: Sequence[float]) -> tuple[int, int]:
    """Width and height of a picture, true to mm."""
    height_mm, width_mm = (count * mm for count, mm in zip(shape, spacing_mm, strict=True))
    px_per_mm = _PANEL_PX / max(height_mm, width_mm)
    return max(1, round(width_mm * px_per_mm)), max(1, round(height_mm * px_per_mm))


def _frame(planes_hu: list[np.ndarray], size_px: tuple[int, int]) -> Image.Image:
    """NCCT and Syn-CTA beside each other; the label is part of the picture."""
    low, high = RANGE_HU
    width, height = size_px
    frame = Image.new("L", (2 * width, height))
    for i, plane_hu in enumerate(planes_hu):
        grey = np.clip((plane_hu - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
        frame.paste(Image.fromarray(grey).resize(size_px, Image.Resampling.BOX), (i * width, 0))
    ImageDraw.Draw(frame).text(
        (1.5 * width, height - 3),
        _LABEL,
        fill=255,
        font=ImageFont.load_default(13),
        anchor="ms",
        stroke_width=2,
        stroke_fill=0,
    )
    return frame


def _compressed(frames: list[Image.Image]) -> list[bytes]:
    """WebP of the best quality that stays within the budget, judged on every eighth frame."""
    allowed = _BUDGET_BYTES / len(frames)
    sample = frames[::8]
    for quality in _QUALITIES:
        if sum(len(_webp(frame, quality)) for frame in sample) <= allowed * len(sample):
            break
    return [_webp(frame, quality) for frame in frames]


def _webp(frame: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    frame.save(buffer, format="WEBP", quality=quality, method=1)
    return buffer.getvalue()


def _filled(
    content: dict,
    measures: list[MeasureGroup],
    warnings: Sequence[str],
    provenance: Provenance,
    source_contrast: SourceContrast,
) -> str:
    template = _TEMPLATE.read_text(encoding="utf-8")
    script = template.split("<script>")[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    figures = "".join(
        f"<tr><td>{html.escape(group.name)}</td><td>{html.escape(_figures(group))}</td></tr>" for group in measures
    )
    warning_items = "".join(f"<li>{html.escape(warning)}</li>" for warning in warnings) or "<li>none in this run</li>"
    made_by = (
        f"{provenance.application} {provenance.application_version}, bundle {provenance.bundle} "
        f"{provenance.bundle_version}, weights sha256 {provenance.weights_sha256[:16]}, {provenance.device}"
    )
    for name, value in {
        "script_sha256": digest,
        "source": html.escape(source_contrast.source),
        "statement": html.escape(source_contrast.statement),
        "figures": figures,
        "warnings": warning_items,
        "made_by": html.escape(made_by),
        "content": json.dumps(content),
    }.items():
        template = template.replace(f"[[{name}]]", value)
    return template


def _figures(group: MeasureGroup) -> str:
    return ", ".join(f"{statistic.value} {value:g} {statistic.unit}" for statistic, value in group.figures.items())
