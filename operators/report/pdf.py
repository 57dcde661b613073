"""The run on paper: pictures, figures and warnings as one PDF page without patient data."""

import io
import textwrap
from collections.abc import Sequence

from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure
from PIL import Image

from operators.dicom_objects.claims import SourceClaims
from operators.provenance import Provenance
from operators.report.measures import MeasureGroup, Statistic

_A4_INCH = (8.27, 11.69)
_DPI = 150
_NOTICE = "SYNTHETIC CT angiogram, computed by AI from {source}. {statement}"
_PURPOSE = "Research only, not for diagnosis. Enhancement is predicted, not measured."
_LINE = 0.0145  # of the page's height
_CHARACTERS = 118
_BOTTOM = 0.06
_SHORT = {Statistic.STANDARD_DEVIATION: "SD", Statistic.MAXIMUM: "max"}


def pdf_report(
    picture: Image.Image,
    measures: list[MeasureGroup],
    warnings: Sequence[str],
    provenance: Provenance,
    claims: SourceClaims,
) -> bytes:
    """Lay out the page.

    Args:
        picture: the preview.
        measures: the figures.
        warnings: what a reader should know.
        provenance: software and weights.
        claims: what may be said of the source.

    Returns:
        PDF file; the same bytes for the same arguments.
    """
    figure = Figure(figsize=_A4_INCH)
    FigureCanvasPdf(figure)
    figure.text(0.06, 0.955, "Syn-CTA report", fontsize=17, weight="bold")
    notice = _NOTICE.format(source=claims.source, statement=claims.statement)
    figure.text(0.06, 0.933, notice, fontsize=9.5, weight="bold", color="#b00000")
    figure.text(0.06, 0.916, _PURPOSE, fontsize=9.5, color="#b00000")

    height = min(0.5, 0.88 * _A4_INCH[0] / _A4_INCH[1] * picture.height / picture.width)
    axes = figure.add_axes((0.06, 0.9 - height, 0.88, height))
    axes.imshow(picture)
    axes.set_axis_off()

    top = 0.9 - height - 0.025
    top = _table(figure, top, measures)
    made_by = [
        f"{provenance.application} {provenance.application_version}, bundle {provenance.bundle} "
        f"{provenance.bundle_version}, weights sha256 {provenance.weights_sha256[:16]}, {provenance.device}",
    ]
    top = _paragraphs(figure, top, "Made by", made_by)
    _paragraphs(figure, top, "Warnings", warnings or ["none"])

    buffer = io.BytesIO()
    # Without a date, so that the same run gives the same bytes.
    figure.savefig(buffer, format="pdf", dpi=_DPI, metadata={"Title": "Syn-CTA report", "CreationDate": None})
    return buffer.getvalue()


def _table(figure: Figure, top: float, measures: list[MeasureGroup]) -> float:
    """Figures in columns; gives the height at which the next part begins."""
    columns = {statistic: 0.56 + 0.09 * i for i, statistic in enumerate(Statistic)}
    for statistic, x in columns.items():
        heading = _SHORT.get(statistic, statistic.value)
        figure.text(x, top, f"{heading}, {statistic.unit}", fontsize=7.5, weight="bold", ha="right")
    for group in measures:
        top -= _LINE
        figure.text(0.06, top, group.name, fontsize=8)
        for statistic, value in group.figures.items():
            figure.text(columns[statistic], top, f"{value:.1f}", fontsize=8, ha="right")
    return top - 2 * _LINE


def _paragraphs(figure: Figure, top: float, heading: str, paragraphs: Sequence[str]) -> float:
    """Text under a heading, shortened where the page ends; gives the height at which the next part begins."""
    figure.text(0.06, top, heading, fontsize=8, weight="bold")
    lines = [line for paragraph in paragraphs for line in textwrap.wrap(paragraph, _CHARACTERS)]
    room = max(1, int((top - _BOTTOM) / _LINE) - 1)
    if len(lines) > room:
        lines = [*lines[: room - 1], f"... and {len(lines) - room + 1} more lines, see result.json"]
    for line in lines:
        top -= _LINE
        figure.text(0.06, top, line, fontsize=8)
    return top - 1.5 * _LINE
