"""Write the companions that the site wants."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydicom.dataset import Dataset

from operators.companions.identifiers import Identifiers
from operators.companions.key_objects import key_objects
from operators.companions.measurement_report import measurement_report
from operators.companions.pdf_document import PDFDocument
from operators.companions.presentation_state import presentation_state
from operators.companions.settings import CompanionSettings
from operators.dicom_objects.identity import RunIdentity
from operators.report.comparison import Comparison
from operators.report.key_pictures import KeyPictures
from operators.report.measures import MeasureGroup
from operators.report.subject import subject_of
from operators.report.vessels import VesselCoverage

_KEY_SLICES = 5


@dataclass(frozen=True)
class RunContent:
    """Content of the companions of a run.

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
    vessels: list[VesselCoverage]
    pictures: KeyPictures
    limits: list[str]


def write_companions(
    folder: Path, content: RunContent, *, settings: CompanionSettings, identity: RunIdentity
) -> list[str]:
    """Write each companion into a file of its own.

    Args:
        folder: where to write; created when something is written, must not exist.
        content: what they show.
        settings: switches of the site.
        identity: the run.

    Returns:
        Names of the companions that were written, as in app.yaml.

    Raises:
        OSError: when the disk does not take the files.
    """
    wanted = [companion for companion in _COMPANIONS if getattr(settings, companion.name)]
    if wanted:
        folder.mkdir()
    for companion in wanted:
        dataset = companion.make(content, identity, partial(_identifiers, companion, content, identity))
        dataset.save_as(folder / f"{companion.name.replace('_', '-')}.dcm", enforce_file_format=True)
    return [companion.name for companion in wanted]


@dataclass(frozen=True)
class _Companion:
    """A kind of companion.

    Attributes:
        name: of its switch in app.yaml, and of its file.
        series: its place among the series of the run, behind the Syn-CTA and its uncertainty.
        make: gives the object, from the content of a run, the run, and identifiers by the digests of what it shows
            beyond the figures.
    """

    name: str
    series: int
    make: Callable[[RunContent, RunIdentity, Callable[..., Identifiers]], Dataset]


def _identifiers(companion: _Companion, content: RunContent, identity: RunIdentity, *digests: str) -> Identifiers:
    """UIDs that depend on the series and on the content of the companion."""
    series = [str(images[0].SeriesInstanceUID) for images in (content.syn_cta, content.uncertainty) if images]
    parts = (companion.name, *series, repr(content.measures), repr(content.warnings), repr(content.limits), *digests)
    return Identifiers(
        series_uid=identity.uid("companion series", *parts),
        series_number=identity.series_number(companion.series),
        instance_uid=identity.uid("companion", *parts),
    )


def _presentation_state(content: RunContent, identity: RunIdentity, identifiers: Callable[..., Identifiers]) -> Dataset:
    return presentation_state(content.syn_cta, identity, identifiers())


def _key_objects(content: RunContent, identity: RunIdentity, identifiers: Callable[..., Identifiers]) -> Dataset:
    noted = [content.syn_cta[i] for i in content.comparison.key_slices(_KEY_SLICES)]
    return key_objects(noted, identity, identifiers())


def _measurement_report(content: RunContent, identity: RunIdentity, identifiers: Callable[..., Identifiers]) -> Dataset:
    references = [*content.syn_cta, *content.uncertainty]
    comments = [
        *(f"{vessel.name}: {vessel.text}." for vessel in content.vessels),
        *(f"Warning: {warning}" for warning in content.warnings),
        *(f"Where not to trust it: {limit}" for limit in content.limits),
    ]
    return measurement_report(references, content.measures, comments, identity, identifiers())


def _pdf_report(content: RunContent, identity: RunIdentity, identifiers: Callable[..., Identifiers]) -> Dataset:
    from operators.report.pdf import ReportContent, pdf_report  # matplotlib: loaded while the page is drawn beside

    shown = ReportContent(
        subject_of(identity.headers[0]),
        content.pictures,
        content.vessels,
        [group for group in content.measures if group.name not in {vessel.name for vessel in content.vessels}],
        content.limits,
        content.warnings,
    )
    pdf = pdf_report(shown, identity.provenance, identity.source_contrast)
    return PDFDocument(pdf, content.syn_cta, identity, identifiers(hashlib.sha256(pdf).hexdigest()))


_COMPANIONS = (
    _Companion("presentation_state", 3, _presentation_state),
    _Companion("key_objects", 4, _key_objects),
    _Companion("measurement_report", 5, _measurement_report),
    _Companion("pdf_report", 6, _pdf_report),
)
