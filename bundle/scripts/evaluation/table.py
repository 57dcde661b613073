"""Tables as Markdown and CSV."""

import csv
from collections.abc import Sequence
from pathlib import Path


def markdown(rows: Sequence[dict]) -> str:
    """Render rows of equal keys as a Markdown table."""
    header = list(rows[0])
    lines = [header, ["---"] * len(header), *([str(row[key]) for key in header] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def write_csv(rows: Sequence[dict], path: Path) -> None:
    """Write rows of equal keys as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def insert(table: str, name: str, card: Path) -> None:
    """Replace the text between the markers `<!-- name -->` and `<!-- end of name -->` of the model card.

    Raises:
        ValueError: when the card has no such markers.
    """
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, opening, rest = card.read_text().partition(start)
    _, closing, after = rest.partition(end)
    if not opening or not closing:
        raise ValueError(f"{card} has no place marked {start.strip()} ... {end}")
    card.write_text(before + start + table + end + after)
