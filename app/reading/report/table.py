"""Tables of the report, in one shape for page, JSON and CSV."""

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Interval(NamedTuple):
    """A value with its interval; NaN bounds where there is none."""

    value: float
    low: float
    high: float


class PValue(float):
    """A p value: as journals print it on the page, a number in JSON and CSV."""


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        name: of its CSV file.
        caption: for the page.
        columns: headings.
        rows: cells are text, whole numbers, numbers (NaN: not estimable), `PValue` or `Interval`.
        note: below it.
    """

    name: str
    caption: str
    columns: list[str]
    rows: list[list[Any]]
    note: str = ""


@dataclass(frozen=True)
class Section:
    """One section.

    Attributes:
        title: heading.
        text: paragraphs.
        tables: in order.
        figures: names of SVG figures, without ending.
    """

    title: str
    text: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)


def rounded(value: Any) -> Any:
    """A value for JSON and CSV: six significant digits, so that machines agree; None for what is not a number."""
    if isinstance(value, tuple):
        return [rounded(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value.item() if hasattr(value, "item") else value


def shown(value: Any) -> str:
    """A cell as text for the page."""
    if isinstance(value, Interval):
        if math.isnan(value.value):
            return "not estimable"
        bounds = f" ({value.low:.3f} to {value.high:.3f})" if not math.isnan(value.low) else " (no interval)"
        return f"{value.value:.3f}{bounds}"
    if isinstance(value, float) and math.isnan(value):
        return "not estimable"
    if isinstance(value, PValue):
        return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")
    return f"{value:.3f}" if isinstance(value, float) else str(value)
