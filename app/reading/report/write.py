"""Make the report of an export: report.html, report.json, a CSV a table, an SVG a figure."""

import csv
import json
import shutil
from pathlib import Path

from app.reading.report.checklist import checklist_section
from app.reading.report.diagnoses import diagnosis_section
from app.reading.report.effects import effects_section
from app.reading.report.figures import draw_figures
from app.reading.report.flow import flow_section
from app.reading.report.methods import methods_section
from app.reading.report.page import render_page
from app.reading.report.quality import primary_section, quality_section
from app.reading.report.reliability import reliability_section
from app.reading.report.study_data import StudyData, read_export
from app.reading.report.table import Interval, Section, Table, rounded
from operators.errors import Reason, Refusal


def write_report(export: Path, output: Path, *, banner: str = "") -> None:
    """Write the report; the same export gives the same bytes.

    Args:
        export: folder that `export` wrote.
        output: new folder.
        banner: shown on top, for example that readers were simulated.

    Raises:
        Refusal: OUTPUT_EXISTS, and what `read_export` refuses.
    """
    if output.exists():
        raise Refusal(Reason.OUTPUT_EXISTS, "The folder of the report exists already. Give a new one with --output.")
    data = read_export(export)
    sections = analyse(data)
    figures = draw_figures(data)
    part = output.with_name(f"{output.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        title = data.protocol.title
        (part / "report.html").write_text(render_page(title, banner, sections, figures), encoding="utf-8")
        (part / "report.json").write_text(_json(data, sections), encoding="utf-8")
        for name, svg in figures.items():
            (part / f"{name}.svg").write_bytes(svg)
        for table in (table for section in sections for table in section.tables):
            _write_csv(part / f"{table.name}.csv", table)
        part.rename(output)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def analyse(data: StudyData) -> list[Section]:
    """All sections, in order."""
    return [
        methods_section(data),
        flow_section(data),
        primary_section(data),
        quality_section(data),
        reliability_section(data),
        diagnosis_section(data),
        effects_section(data),
        checklist_section(),
    ]


def _json(data: StudyData, sections: list[Section]) -> str:
    tables = {
        table.name: {"columns": table.columns, "rows": [[rounded(cell) for cell in row] for row in table.rows]}
        for section in sections
        for table in section.tables
    }
    content = {"title": data.protocol.title, "protocol_sha256": data.protocol.sha256, "tables": tables}
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


def _write_csv(path: Path, table: Table) -> None:
    """Intervals become three columns."""
    wide = [any(isinstance(row[i], Interval) for row in table.rows) for i in range(len(table.columns))]
    header = [
        name
        for column, is_wide in zip(table.columns, wide, strict=True)
        for name in ([column, f"{column}, low", f"{column}, high"] if is_wide else [column])
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in table.rows:
            writer.writerow([cell for value, is_wide in zip(row, wide, strict=True) for cell in _cells(value, is_wide)])


def _cells(value: object, is_wide: bool) -> list:
    cells = rounded(value)
    cells = cells if isinstance(cells, list) else [cells, *([None, None] if is_wide else [])]
    return ["" if cell is None else cell for cell in cells]
