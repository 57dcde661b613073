"""Pairs from a DICOM tree of any shape: by patient, study, frame of reference, position, contrast and description."""

from collections import defaultdict
from itertools import product
from pathlib import Path

from cohorts.prepare.candidates import Candidate, Scan
from cohorts.prepare.dicom_series import DicomSeries, files_under, scan_series
from cohorts.prepare.phases import Phase
from cohorts.prepare.reasons import PairRejected, Reason

_OVERLAP_STEP_MM = 20.0
"""Overlaps that differ by less count as equal, so that thickness and kernel decide."""

_WANTED_SLICE_MM = 1.25


def pair_tree(source: Path) -> list[Candidate]:
    """Read all headers under a folder and pair each patient's NCCT with the CTA."""
    patients: dict[str, list[DicomSeries]] = defaultdict(list)
    for series in scan_series(files_under(source), progress=True):
        patients[series.patient].append(series)
    return [pair_series(patient, series) for patient, series in patients.items()]


def pair_series(patient: str, found: list[DicomSeries]) -> Candidate:
    """Choose NCCT and CTA among the series of one patient.

    An NCCT is a series that its header marks as unenhanced, or one of unknown phase beside a series that is marked as
    enhanced. An arterial series is preferred to one that is only known to be enhanced. Of several pairs the function
    takes the one that shares study and frame of reference, overlaps most, has soft kernels and is near 1.25 mm.
    """
    if len({part for series in found for part in [series.person] if all(part)}) > 1:
        return Candidate(patient, rejected=PairRejected(Reason.DIFFERENT_PERSON))
    pairs = [pair for pair in product(found, found) if _may_pair(*pair, found)]
    if not pairs:
        return _unpaired(patient, found)
    ncct, cta = min(pairs, key=lambda pair: _rank(*pair))
    notes = []
    if ncct.frame != cta.frame:
        notes.append("the scans have different frames of reference: their positions may not be comparable")
    if ncct.study != cta.study:
        notes.append("the scans are from different studies")
    return Candidate(
        patient,
        Scan(Path(ncct.files[0]).parent, ncct),
        Scan(Path(cta.files[0]).parent, cta),
        region=cta.region or ncct.region,
        rejected=ncct.fault or cta.fault,
        notes=tuple(notes),
    )


def _may_pair(ncct: DicomSeries, cta: DicomSeries, found: list[DicomSeries]) -> bool:
    if ncct is cta or cta.phase in (Phase.NCCT, Phase.OTHER):
        return False
    if ncct.phase is Phase.NCCT:
        # a series of unknown phase can only be the CTA when no series of the study is marked as enhanced
        named = (Phase.ARTERIAL, Phase.ENHANCED)
        return cta.phase in named or not any(s.phase in named for s in found if s.study == cta.study)
    return ncct.phase is Phase.UNKNOWN and cta.phase in (Phase.ARTERIAL, Phase.ENHANCED)


def _rank(ncct: DicomSeries, cta: DicomSeries) -> tuple:
    overlap_mm = min(ncct.z_mm[1], cta.z_mm[1]) - max(ncct.z_mm[0], cta.z_mm[0])
    return (
        ncct.fault is not None or cta.fault is not None,
        ncct.study != cta.study,
        ncct.frame != cta.frame,
        ncct.phase is not Phase.NCCT,
        cta.phase is not Phase.ARTERIAL,
        -round(overlap_mm / _OVERLAP_STEP_MM),
        ncct.sharp + cta.sharp,
        abs(ncct.slice_mm - cta.slice_mm),
        abs(ncct.slice_mm - _WANTED_SLICE_MM),
        ncct.files,
        cta.files,
    )


def _unpaired(patient: str, found: list[DicomSeries]) -> Candidate:
    """Say what is missing; a lone scan stays in the candidate."""
    ncct = [series for series in found if series.phase is Phase.NCCT]
    cta = [series for series in found if series.phase in (Phase.ARTERIAL, Phase.ENHANCED)]
    if ncct and not cta:
        return Candidate(patient, ncct=Scan(Path(ncct[0].files[0]).parent, ncct[0]))
    if cta and not ncct:
        return Candidate(patient, cta=Scan(Path(cta[0].files[0]).parent, cta[0]))
    if all(series.phase is Phase.OTHER for series in found):
        return Candidate(patient, rejected=PairRejected(Reason.NO_CTA, "only venous, late or virtual series"))
    detail = f"{len(found)} series"
    if len(found) == 1:
        return Candidate(patient, rejected=PairRejected(Reason.NO_CTA, "a single series of unknown phase"))
    return Candidate(patient, rejected=PairRejected(Reason.UNKNOWN_PHASE, detail))
