"""summary.csv of `--all`: the outcome of every study, one line each."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

SUMMARY_FILE = "summary.csv"
_COLUMNS = ("study", "folder", "status", "reason")


def write_summary(path: Path, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """Write the lines known so far; a reader sees the old file or the new one.

    Args:
        path: the file, replaced.
        rows: name of the study, its folder within the input, converted, refused or failed, reason code.

    Raises:
        OSError: when the file cannot be written.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_COLUMNS, *rows])
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text.getvalue(), encoding="utf-8")
    draft.replace(path)
