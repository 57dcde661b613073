"""The PDF report for the radiologist: patient and study, slices and projections, and limits of the result.

The document names patient and study, since it is read apart from its series. Figures for engineers are in result.json.
"""

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

from operators.dicom_objects.source_contrast import SourceContrast
from operators.provenance import Provenance
from operators.report.key_pictures import KeyPicture, KeyPictures
from operators.report.measures import MeasureGroup, Statistic
from operators.report.subject import Subject
from operators.report.vessels import VesselCoverage

_A4_INCH = (8.27, 11.69)
_DPI = 150
_NOTICE = "SYNTHETIC CT angiogram, computed by AI from {source}."
_PURPOSE = "Research only, not for diagnosis. Enhancement is predicted, not measured."
_RED = "#b00000"
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.06, 0.94, 0.955, 0.04
_LINE = 0.0145  # of the page's height
_GAP, _CAPTION = 0.008, 0.022
_HIGHEST_PROJECTION = 0.3
_CHARACTERS = 118
_FONT = "DejaVu Sans"


@dataclass(frozen=True)
class ReportContent:
    """Content of the report.

    Attributes:
        subject: patient and study.
        pictures: slices and projections.
        vessels: what the result shows of each.
        measures: the figures for a reader; the page shows volumes.
        limits: where not to trust the result, from the model card.
        warnings: what the run found.
    """

    subject: Subject
    pictures: KeyPictures
    vessels: Sequence[VesselCoverage]
    measures: Sequence[MeasureGroup]
    limits: Sequence[str]
    warnings: Sequence[str]


def pdf_report(content: ReportContent, provenance: Provenance, source_contrast: SourceContrast) -> bytes:
    """Lay out the report: a page of slices, a page of projections and words.

    Args:
        content: what it shows.
        provenance: software and weights.
        source_contrast: what may be said of the source.

    Returns:
        PDF file; the same bytes for the same arguments.
    """
    buffer = io.BytesIO()
    # Without a date, so that the same run gives the same bytes.
    with PdfPages(buffer, metadata={"Title": "Syn-CTA report", "CreationDate": None}) as pages:
        for page, draw in enumerate((_slices, _draw_text), start=1):
            figure = Figure(figsize=_A4_INCH)
            FigureCanvasPdf(figure)
            draw(figure, _head(figure, content.subject, source_contrast), content, provenance)
            _text(figure, _RIGHT, _BOTTOM / 2, f"page {page} of 2", fontsize=7, ha="right")
            pages.savefig(figure, dpi=_DPI)
    return buffer.getvalue()


def _head(figure: Figure, subject: Subject, source_contrast: SourceContrast) -> float:
    """Title, notice, patient and study; gives the height at which the page begins."""
    _text(figure, _LEFT, _TOP, "Syn-CTA report", fontsize=17, weight="bold")
    notice = _NOTICE.format(source=source_contrast.source)
    for line, text in enumerate((notice, source_contrast.statement, _PURPOSE)):
        weight = "normal" if text == _PURPOSE else "bold"
        _text(figure, _LEFT, _TOP - 0.022 - 0.016 * line, text, fontsize=9.5, weight=weight, color=_RED)
    top = _TOP - 0.057
    for name, value in (("Patient", subject.patient), ("Study", subject.study), ("Source series", subject.series)):
        top -= _LINE
        _text(figure, _LEFT, top, name, fontsize=8.5, weight="bold")
        _text(figure, _LEFT + 0.12, top, textwrap.shorten(value, 100, placeholder=" ..."), fontsize=8.5)
    return top - 0.012


def _slices(figure: Figure, top: float, content: ReportContent, provenance: Provenance) -> None:
    """Axial slices in three columns."""
    slices = content.pictures.slices
    rows, width = -(-len(slices) // 3), (_RIGHT - _LEFT) / 3
    height = _height_of(slices, width, (top - _BOTTOM - 0.02) / rows)
    for i, picture in enumerate(slices):
        row, column = divmod(i, 3)
        _draw(figure, (_LEFT + column * width, top - (row + 1) * height, width, height), picture)
    caption = "Syn-CTA, CTA window (centre 300, width 600 HU); mm along the patient as in Image Position, feet to head."
    _text(figure, _LEFT, top - rows * height - 0.012, caption, fontsize=7.5)


def _draw_text(figure: Figure, top: float, content: ReportContent, provenance: Provenance) -> None:
    """Projections, vessels, limits, warnings."""
    projections = content.pictures.projections
    width = (_RIGHT - _LEFT) / len(projections)
    height = _height_of(projections, width, _HIGHEST_PROJECTION)
    for column, picture in enumerate(projections):
        _draw(figure, (_LEFT + column * width, top - height, width, height), picture)
    top -= height + 0.022
    shown = [f"{vessel.name}: {vessel.text}." for vessel in content.vessels]
    places = (
        "Vessels are found by their position (beside the spine, between the lungs, sides of the neck), not by a "
        "segmentation."
    )
    shown = [*shown, places] if shown else ["No great vessel was examined: the scan is too short."]
    made_by = (
        f"{provenance.application} {provenance.application_version}, bundle {provenance.bundle} "
        f"{provenance.bundle_version}, weights sha256 {provenance.weights_sha256[:16]}, {provenance.device}"
    )
    figures = [
        f"{group.name}: {group.figures[Statistic.VOLUME]:.0f} ml."
        for group in content.measures
        if Statistic.VOLUME in group.figures
    ]
    for heading, paragraphs, share in (
        ("What the result shows", [*shown, *figures], 1.0),
        ("Warnings of this run", content.warnings or ["none"], 0.5),
        ("Where not to trust it (model card)", content.limits, 0.9),
        ("Made by", [made_by], 1.0),
    ):
        top = _paragraphs(figure, top, heading, paragraphs, share)


def _height_of(pictures: Sequence[KeyPicture], width: float, limit: float) -> float:
    """Share of the page's height that the tallest of the pictures and its caption need, where they have a width."""
    shapes = ((picture.grey.shape, picture.height_to_width) for picture in pictures)
    tallest = max(rows * height_to_width / columns for (rows, columns), height_to_width in shapes)
    return min(limit, (width - _GAP) * _A4_INCH[0] / _A4_INCH[1] * tallest + _CAPTION)


def _draw(figure: Figure, box: tuple[float, float, float, float], picture: KeyPicture) -> None:
    """A picture in a box (left, bottom, width, height), with its caption above and the patient's sides in it."""
    left, bottom, width, height = box
    axes = figure.add_axes((left, bottom, width - _GAP, height - _CAPTION), anchor="N")
    axes.imshow(picture.grey, cmap="gray", vmin=0, vmax=255, aspect=picture.height_to_width)
    axes.set_axis_off()
    axes.set_title(picture.caption, fontsize=6.5, pad=2)
    style: dict[str, Any] = {
        "transform": axes.transAxes,
        "color": "#ffc83c",
        "fontsize": 9,
        "weight": "bold",
        "clip_on": False,
        "bbox": {"facecolor": "black", "edgecolor": "none", "pad": 1},
    }
    at_left, at_right, upper, lower = picture.marks
    axes.text(0.02, 0.5, at_left, ha="left", va="center", **style)
    axes.text(0.98, 0.5, at_right, ha="right", va="center", **style)
    axes.text(0.5, 0.98, upper, ha="center", va="top", **style)
    axes.text(0.5, 0.02, lower, ha="center", va="bottom", **style)
    axes.text(0.98, 0.02, "SYNTHETIC", ha="right", va="bottom", **(style | {"fontsize": 6}))


def _paragraphs(figure: Figure, top: float, heading: str, paragraphs: Sequence[str], share: float) -> float:
    """Text under a heading, shortened to a share of what is left; gives the height at which the next part begins."""
    _text(figure, _LEFT, top, heading, fontsize=8.5, weight="bold")
    lines = [
        line
        for paragraph in paragraphs
        for line in textwrap.wrap(paragraph, _CHARACTERS, initial_indent="- ", subsequent_indent="  ")
    ]
    room = max(1, int(share * (top - _BOTTOM) / _LINE) - 1)
    if len(lines) > room:
        lines = [*lines[: room - 1], f"... and {len(lines) - room + 1} more lines, see result.json"]
    for line in lines:
        top -= _LINE
        _text(figure, _LEFT, top, line, fontsize=8)
    return top - 1.6 * _LINE


def _text(figure: Figure, x: float, y: float, text: str, **style: Any) -> None:
    """Draw plain text: no mathematics between dollar signs; characters that the font lacks become question marks."""
    font = get_font(findfont(_FONT))
    shown = "".join(letter if font.get_char_index(ord(letter)) else "?" for letter in text)
    figure.text(x, y, shown, parse_math=False, family=_FONT, **style)
