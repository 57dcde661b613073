"""Tables as Markdown and CSV."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from scripts.files import write_whole


def markdown(rows: Sequence[dict]) -> str:
    """Render rows of equal keys as a Markdown table."""
    header = list(rows[0])
    lines = [header, ["---"] * len(header), *([str(row[key]) for key in header] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def write_csv(rows: Sequence[dict], path: Path) -> None:
    """Write rows of equal keys as CSV, whole or not at all."""
    text = io.StringIO()
    _write(rows, text, header=True)
    write_whole(path, text.getvalue())


class CsvAppender:
    """A CSV file that grows during a run as FILE.part, and gets its name when it is complete.

    A run that is killed leaves the rows that it had. The part of an earlier run is removed; its whole file stays until
    there is a new one.

    Args:
        path: the file, in a folder that exists.

    Attributes:
        rows: all rows so far.
    """

    def __init__(self, path: Path) -> None:
        self.rows: list[dict] = []
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._part.unlink(missing_ok=True)

    def extend(self, rows: Sequence[dict]) -> None:
        """Add rows, all of equal keys; they are in the file when this returns."""
        if not rows:
            return
        text = io.StringIO()
        _write(rows, text, header=not self.rows)
        with self._part.open("a", newline="") as file:
            file.write(text.getvalue())  # at once, so that Ctrl-C leaves all of these rows or none
        self.rows += rows

    def finish(self) -> None:
        """Give the file its name; without any row there is none, not that of an earlier table either."""
        if self.rows:
            self._part.replace(self._path)
        else:
            self._path.unlink(missing_ok=True)


def _write(rows: Sequence[dict], file: TextIO, header: bool) -> None:
    writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
    if header:
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
        raise ValueError(f"{card} has no lines {start.strip()} ... {end}. Add them where the table shall be")
    write_whole(card, before + start + table + end + after)
