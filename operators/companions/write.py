"""Write the companions that the site wants."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from operators.companions.key_objects import key_objects
from operators.companions.measurement_report import measurement_report
from operators.companions.pdf_document import PDFDocument
from operators.companions.place import Place
from operators.companions.presentation_state import presentation_state
from operators.companions.settings import CompanionSettings
from operators.dicom_objects.attributes import CLINICAL_TRIAL, PATIENT, STUDY
from operators.dicom_objects.identity import RunIdentity
from operators.dicom_objects.marks import mark
from operators.report.comparison import Comparison
from operators.report.key_pictures import KeyPictures
from operators.report.measures import MeasureGroup
from operators.report.pdf import ReportContent, pdf_report
from operators.report.subject import subject_of
from operators.report.vessels import VesselShown

_KEY_SLICES = 5
_PLACES = {"presentation_state": 3, "key_objects": 4, "measurement_report": 5, "pdf_report": 6}
"""Place of each among the series of the run, behind the Syn-CTA and its uncertainty."""


@dataclass(frozen=True)
class RunContent:
    """What the companions tell about a run.

    Attributes:
        syn_cta: references to the Syn-CTA slices.
        uncertainty: references to the slices of the uncertainty map, empty without one.
        comparison: HU statistics.
        measures: the figures for a reader.
        warnings: what a reader should know.
        vessels: what the result shows of each.
        pictures: slices and projections for the PDF.
        limits: where not to trust a result, from the model card.
    """

    syn_cta: list[Dataset]
    uncertainty: list[Dataset]
    comparison: Comparison
    measures: list[MeasureGroup]
    warnings: list[str]
    vessels: list[VesselShown]
    pictures: KeyPictures
    limits: list[str]


def write_companions(
    folder: Path, content: RunContent, *, settings: CompanionSettings, identity: RunIdentity
) -> list[str]:
    """Write each companion into a file of its own.

    Args:
        folder: where to write; created when anything is written, must not exist.
        content: what they tell.
        settings: switches of the site.
        identity: the run.

    Returns:
        Names of the companions that were written, as in app.yaml.

    Raises:
        OSError: when the disk does not take the files.
    """
    wanted = [name for name in _PLACES if getattr(settings, name)]
    if wanted:
        folder.mkdir()
    for name in wanted:
        companion = _MAKERS[name](content, identity)
        companion.SeriesDescription = identity.claims.described(companion.SeriesDescription)
        mark(companion, identity.headers[0], PATIENT + CLINICAL_TRIAL + STUDY, identity)
        _date(companion, identity)
        companion.save_as(folder / f"{name.replace('_', '-')}.dcm", enforce_file_format=True)
    return wanted


def _date(companion: Dataset, identity: RunIdentity) -> None:
    """One time for all objects of a run, in place of each one's own."""
    for prefix in ("Series", "Content", "PresentationCreation"):
        if prefix == "Series" or f"{prefix}Date" in companion:
            setattr(companion, f"{prefix}Date", identity.created.date())
            setattr(companion, f"{prefix}Time", identity.created.time())


def _presentation_state(content: RunContent, identity: RunIdentity) -> Dataset:
    return presentation_state(content.syn_cta, identity, _place("presentation_state", content, identity))


def _key_objects(content: RunContent, identity: RunIdentity) -> Dataset:
    noted = [content.syn_cta[i] for i in content.comparison.key_slices(_KEY_SLICES)]
    return key_objects(noted, identity, _place("key_objects", content, identity))


def _measurement_report(content: RunContent, identity: RunIdentity) -> Dataset:
    place = _place("measurement_report", content, identity)
    references = [*content.syn_cta, *content.uncertainty]
    comments = [
        *(f"{vessel.name}: {vessel.text}." for vessel in content.vessels),
        *(f"Warning: {warning}" for warning in content.warnings),
        *(f"Where not to trust it: {limit}" for limit in content.limits),
    ]
    return measurement_report(references, content.measures, comments, identity, place)


def _pdf_report(content: RunContent, identity: RunIdentity) -> Dataset:
    told = ReportContent(
        subject_of(identity.headers[0]),
        content.pictures,
        content.vessels,
        [group for group in content.measures if group.name not in {vessel.name for vessel in content.vessels}],
        content.limits,
        content.warnings,
    )
    pdf = pdf_report(told, identity.provenance, identity.claims)
    place = _place("pdf_report", content, identity, hashlib.sha256(pdf).hexdigest())
    return PDFDocument(pdf, content.syn_cta, identity, place)


_MAKERS: dict[str, Callable[[RunContent, RunIdentity], Dataset]] = {
    "presentation_state": _presentation_state,
    "key_objects": _key_objects,
    "measurement_report": _measurement_report,
    "pdf_report": _pdf_report,
}


def _place(name: str, content: RunContent, identity: RunIdentity, *digests: str) -> Place:
    """UIDs that depend on the series and on all that is told about them."""
    series = [str(images[0].SeriesInstanceUID) for images in (content.syn_cta, content.uncertainty) if images]
    parts = (name, *series, repr(content.measures), repr(content.warnings), repr(content.limits), *digests)
    return Place(
        series_uid=identity.uid("companion series", *parts),
        series_number=identity.series_number(_PLACES[name]),
        instance_uid=identity.uid("companion", *parts),
    )
