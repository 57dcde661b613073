"""Result of discovery: a patient's scans, not yet read."""

from dataclasses import dataclass, replace
from pathlib import Path

from cohorts.prepare.dicom_series import DicomSeries
from cohorts.prepare.reasons import PairRejected, Reason


@dataclass(frozen=True)
class Scan:
    """Where one scan lies.

    Attributes:
        path: image file, or folder of DICOM files.
        series: the DICOM series, where discovery has read its headers.
    """

    path: Path
    series: DicomSeries | None = None


@dataclass(frozen=True)
class Candidate:
    """One patient's pair, or the part of it that was found.

    Attributes:
        patient: id in the source; goes to the linking list only.
        ncct, cta: the scans; None where one is missing.
        masks: vessel masks on the CTA, for pseudo-pairs from CTA alone.
        region, label, split: as far as the source states them.
        rejected: why it cannot be used, when that is known before reading.
        notes: remarks for the report.
    """

    patient: str
    ncct: Scan | None = None
    cta: Scan | None = None
    masks: tuple[Path, ...] = ()
    region: str | None = None
    label: str | None = None
    split: str | None = None
    rejected: PairRejected | None = None
    notes: tuple[str, ...] = ()

    def checked(self) -> "Candidate":
        """The same with `rejected` set when a scan is missing."""
        if self.rejected is None and self.cta is None:
            return replace(self, rejected=PairRejected(Reason.NO_CTA))
        if self.rejected is None and self.ncct is None and not self.masks:
            return replace(self, rejected=PairRejected(Reason.NO_NCCT))
        return self
