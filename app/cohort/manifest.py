"""The list of studies: a CSV file with a header and the columns study, input, output and, if wanted, series_uid.

`study` is a name for tables and logs, so it must hold no patient data. Paths are relative to the manifest's folder.
The first line of studies is run first: order the lines by priority.
"""

import csv
import os
from dataclasses import dataclass
from pathlib import Path

from operators.errors import Reason, Refusal

_REQUIRED = ("study", "input", "output")
_COLUMNS = (*_REQUIRED, "series_uid")


@dataclass(frozen=True)
class Study:
    """One line of the manifest.

    Attributes:
        name: unique in the manifest.
        input_folder: DICOM folder.
        output_folder: of this study alone: no other study's lies in it.
        series_uid: SeriesInstanceUID to take instead of the fixed rule.
    """

    name: str
    input_folder: Path
    output_folder: Path
    series_uid: str | None


def read_manifest(path: Path) -> list[Study]:
    """Read and check a manifest.

    Args:
        path: CSV file.

    Returns:
        The studies in the order of the file.

    Raises:
        Refusal: SETTINGS, with the line that is wrong.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restkey="")
            header = tuple(reader.fieldnames or ())
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refusal(Reason.SETTINGS, f"The manifest cannot be read ({type(error).__name__}).") from error
    if not set(_REQUIRED) <= set(header) <= set(_COLUMNS):
        raise Refusal(
            Reason.SETTINGS,
            f"The header line of the manifest must be {','.join(_REQUIRED)}, with or without series_uid.",
        )
    studies: list[Study] = []
    names: set[str] = set()
    outputs: set[Path] = set()
    above: set[Path] = set()
    for line, row in rows:
        if not all(row[column] for column in _REQUIRED):
            raise Refusal(Reason.SETTINGS, f"Line {line} of the manifest has an empty value. Fill it in.")
        if any(row.get("") or ""):
            raise Refusal(Reason.SETTINGS, f"Line {line} of the manifest has more values than columns.")
        folder = path.parent.absolute()
        study = Study(row["study"], folder / row["input"], folder / row["output"], row.get("series_uid") or None)
        output = Path(os.path.realpath(study.output_folder))  # two spellings, or a link, are one folder
        if study.name in names or output in outputs:
            raise Refusal(
                Reason.SETTINGS,
                f"Line {line} of the manifest has the study name or output folder of an earlier line. Give each study "
                "its own.",
            )
        if output in above or not outputs.isdisjoint(output.parents):
            raise Refusal(
                Reason.SETTINGS, f"Line {line} of the manifest: the output folder lies inside that of another study."
            )
        names.add(study.name)
        outputs.add(output)
        above.update(output.parents)
        studies.append(study)
    return studies
