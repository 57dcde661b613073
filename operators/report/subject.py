"""Patient and study of a report, as the source names them."""

from dataclasses import dataclass

from pydicom.dataset import Dataset


@dataclass(frozen=True)
class Subject:
    """The head of a report.

    Attributes:
        patient: name, ID, birth date, sex.
        study: date, description, accession number.
        series: number and description of the source series.
    """

    patient: str = ""
    study: str = ""
    series: str = ""


def subject_of(header: Dataset) -> Subject:
    """Read patient and study from a source header; missing values are left out."""
    return Subject(
        patient=_joined(
            ("", _name(header)),
            ("ID ", _text(header, "PatientID")),
            ("born ", _date(header, "PatientBirthDate")),
            ("sex ", _text(header, "PatientSex")),
        ),
        study=_joined(
            ("", _date(header, "StudyDate")),
            ("", _text(header, "StudyDescription")),
            ("accession ", _text(header, "AccessionNumber")),
        ),
        series=_joined(
            ("number ", _text(header, "SeriesNumber")),
            ("", _text(header, "SeriesDescription")),
        ),
    )


def _name(header: Dataset) -> str:
    """The name in Latin letters, else in the first script of the source."""
    scripts = (" ".join(script.replace("^", " ").split()) for script in _text(header, "PatientName").split("="))
    return next((script for script in scripts if script), "")


def _text(header: Dataset, keyword: str) -> str:
    value = header.get(keyword)
    return "" if value is None else " ".join(str(value).split())


def _date(header: Dataset, keyword: str) -> str:
    text = _text(header, keyword)
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if len(text) == 8 and text.isdigit() else text


def _joined(*parts: tuple[str, str]) -> str:
    return ", ".join(before + text for before, text in parts if text) or "not given"
