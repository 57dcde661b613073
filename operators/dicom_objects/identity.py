"""The identity of a run: software, settings and time, and the UIDs of all its objects."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from pydicom.dataset import Dataset
from pydicom.uid import UID

from operators.dicom_objects.attributes import CLINICAL_TRIAL, PATIENT, STUDY
from operators.dicom_objects.settings import WriterSettings
from operators.dicom_objects.source_contrast import SourceContrast
from operators.dicom_objects.uid import derived_uid
from operators.provenance import Provenance

IS_MAX = 2**31 - 1
"""Largest value of an integer string (IS)."""


@dataclass(frozen=True)
class RunIdentity:
    """What all objects of one run share.

    Attributes:
        headers: source header of each slice, in ascending position.
        provenance: software and weights.
        settings: choices of the site.
        created: time of the run; with the zone that the source names, else local time without one.
        source_contrast: what may be said of the source.
    """

    headers: list[Dataset]
    provenance: Provenance
    settings: WriterSettings
    created: datetime
    source_contrast: SourceContrast = field(default_factory=SourceContrast)

    def uid(self, *parts: str) -> UID:
        """UID over the source, its patient and study, the software, the weights, the settings and `parts`.

        A repeated run gives the same UID. Archives may keep the first object of a UID for ever (Orthanc does), so add a
        digest of an object's content to `parts`: other content then has another UID, whatever caused the difference.

        Args:
            parts: kind of the object and digest of its content.

        Returns:
            The UID.
        """
        sources = [f"{header.SOPInstanceUID} {header.get('ReferencedFrameNumber', '')}" for header in self.headers]
        series = str(self.headers[0].SeriesInstanceUID)
        made_by = (self.provenance.fingerprint, self.settings.fingerprint, *self.source_contrast.contrast_found)
        return derived_uid(*parts, series, *sources, self._copied_text, *made_by)

    @cached_property
    def _copied_text(self) -> str:
        """Patient and study attributes that every object copies: a corrected name gives other UIDs."""
        first = self.headers[0]
        return repr([str(first.get(keyword)) for keyword in PATIENT + CLINICAL_TRIAL + STUDY])

    @property
    def frame_of_reference_uid(self) -> str:
        """The source's, or a derived one where the source has none."""
        first = self.headers[0]
        return first.get("FrameOfReferenceUID") or derived_uid("frame", str(first.SeriesInstanceUID))

    @cached_property
    def burned_in_annotation(self) -> str:
        """Burned In Annotation (0028,0301), YES or NO: text burnt into a source slice also appears in the result."""
        said = {str(header.get("BurnedInAnnotation") or "").strip().upper() for header in self.headers}
        return "YES" if "YES" in said else "NO"

    def series_number(self, place: int) -> int:
        """Series Number of the run's series at a place: 1 for the Syn-CTA itself, 2, 3, ... for what goes with it.

        Where the source's number leaves no room for a valid one, it is counted from zero.
        """
        source = self.headers[0].get("SeriesNumber")
        number = int(source) if source not in (None, "") else 0
        step = place * self.settings.series_number_offset
        return next(valid for valid in (number + step, step, place) if 1 <= valid <= IS_MAX)
