"""The report as one HTML file that needs nothing beside it."""

import base64
from html import escape

from app.reading.report.table import Section, Table, shown

_STYLE = """
body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #1c1c1c; }
main { max-width: 1100px; margin: 32px auto; padding: 0 20px; }
h1 { font-size: 26px; } h2 { font-size: 20px; margin-top: 40px; border-bottom: 1px solid #bbb; }
table { border-collapse: collapse; margin: 14px 0; font-size: 13px; }
caption { text-align: left; font-weight: 600; padding: 4px 0; }
td, th { border-bottom: 1px solid #ccc; padding: 3px 12px 3px 0; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #666; } .note { font-size: 13px; color: #444; } .scroll { overflow-x: auto; }
img { max-width: 100%; } .banner { background: #fff2cc; border: 1px solid #d8b24a; padding: 8px 12px; }
@media print { h2 { break-after: avoid; } table { break-inside: avoid; } }
"""

FIGURE_TEXTS = {
    "quality": "Share of scores 1, 2 and 3, for each criterion, reader and in consensus",
    "confusion": "Confusion matrices of the consensus diagnoses against the truth",
}


def render_page(title: str, banner: str, sections: list[Section], figures: dict[str, bytes]) -> str:
    """Make the page.

    Args:
        title: of the study.
        banner: a notice on top that every reader must see; may be empty.
        sections: in order.
        figures: SVG by name.
    """
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>{escape(title)}</h1>",
    ]
    if banner:
        parts.append(f'<p class="banner">{escape(banner)}</p>')
    for section in sections:
        parts.append(f"<h2>{escape(section.title)}</h2>")
        parts += [f"<p>{escape(paragraph)}</p>" for paragraph in section.text]
        parts += [_figure(name, figures[name]) for name in section.figures]
        parts += [_table(table) for table in section.tables]
    parts.append("</main></body></html>\n")
    return "\n".join(parts)


def _figure(name: str, svg: bytes) -> str:
    text = escape(FIGURE_TEXTS[name])
    data = base64.b64encode(svg).decode("ascii")
    return f'<figure><img alt="{text}" src="data:image/svg+xml;base64,{data}"><figcaption>{text}.</figcaption></figure>'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(shown(cell))}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.caption)}"><table>'
        f"<caption>{escape(table.caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}"
    )
