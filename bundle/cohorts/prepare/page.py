"""The report as one HTML page that needs no network; pictures are files beside it."""

from html import escape

from cohorts.prepare.preview import CAPTIONS

_STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 24px; color: #222; max-width: 1480px }
h1 { font-size: 22px; margin: 0 } h2 { font-size: 17px; margin: 28px 0 8px }
table { border-collapse: collapse; margin-right: 28px } th, td { padding: 3px 12px 3px 0; text-align: left }
td.number { text-align: right } th { border-bottom: 1px solid #999 }
.tables { display: flex; flex-wrap: wrap; gap: 12px; align-items: flex-start }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(440px, 1fr)); gap: 14px;
  align-items: start }
.card { border: 1px solid #ccc; border-radius: 6px; padding: 10px; overflow: hidden }
.card.rejected { border-color: #c44 } .card img { width: 100%; border: 1px solid #ccc; display: block; margin-top: 4px }
.reason { color: #a00; font-weight: 600 } .quiet { color: #666 }
.panels { display: grid; grid-template-columns: 1fr 1fr 1fr; color: #666; font-size: 12px; margin-top: 6px }
"""


def render(report: dict) -> str:
    """The page of a report (see report.py)."""
    counts = report["counts"]
    tables = [("split", "by_split"), ("region", "by_region"), ("label", "by_label"), ("reason", "by_reason")]
    parts = [
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Prepared pairs</title>",
        f"<style>{_STYLE}</style></head><body><h1>Prepared pairs</h1>",
        f"<p><b>{counts['accepted']} accepted</b> ({counts['slices']} slices), <b>{counts['rejected']} rejected</b>.",
        " The datalist holds the accepted pairs only. linking.csv links cases to patients: keep it at your site.</p>",
        *(f"<p class='reason'>Warning: {escape(warning)}.</p>" for warning in report["warnings"]),
        *(f"<p>Note: {escape(note)}.</p>" for note in report["notes"]),
        "<div class='tables'>",
        *(_table(name, counts[key]) for name, key in tables if counts[key]),
        "</div>",
        _cards("Rejected", report["rejected"]),
        _cards("Accepted", report["accepted"]),
        f"<h2>Settings</h2><pre>{escape(_settings(report['settings']))}</pre></body></html>",
    ]
    return "\n".join(part for part in parts if part)


def _table(name: str, counts: dict[str, int]) -> str:
    rows = "".join(f"<tr><td>{escape(key)}</td><td class='number'>{count}</td></tr>" for key, count in counts.items())
    return f"<table><tr><th>{name}</th><th>pairs</th></tr>{rows}</table>"


def _cards(title: str, rows: list[dict]) -> str:
    if not rows:
        return ""
    return f"<h2>{title}</h2><div class='cards'>{''.join(map(_card, rows))}</div>"


def _card(row: dict) -> str:
    words = [row.get("split"), row["region"], row["label"]]
    head = f"<b>{escape(row['case'])}</b> <span class='quiet'>{escape(', '.join(filter(None, words)))}</span>"
    lines = [head]
    if "reason" in row:
        detail = f": {escape(row['detail'])}" if row["detail"] else ""
        lines.append(f"<div><span class='reason'>{escape(row['reason'])}</span>{detail}</div>")
        lines.append(f"<div class='quiet'>{escape(row['advice'])}</div>")
    figures = [f"{name.replace('_', ' ')} {value:g}" for name, value in row["figures"].items()]
    lines += [f"<div class='quiet'>{escape(line)}</div>" for line in (", ".join(figures), *row["notes"]) if line]
    if row["preview"]:
        captions = "".join(f"<span>{caption}</span>" for caption in CAPTIONS)
        lines.append(f"<div class='panels'>{captions}</div>")
        lines.append(f"<img loading='lazy' alt='NCCT, CTA, difference' src='{escape(row['preview'])}'>")
    kind = "card rejected" if "reason" in row else "card"
    return f"<div class='{kind}'>{''.join(lines)}</div>"


def _settings(settings: dict, indent: str = "") -> str:
    lines = []
    for key, value in settings.items():
        nested = isinstance(value, dict)
        lines.append(f"{indent}{key}:\n{_settings(value, indent + '  ')}" if nested else f"{indent}{key}: {value}")
    return "\n".join(lines)
