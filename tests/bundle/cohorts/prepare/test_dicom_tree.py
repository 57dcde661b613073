"""Pairing of a patient's series by their headers."""

from dataclasses import replace

import pytest

from cohorts.prepare.dicom_series import DicomSeries
from cohorts.prepare.dicom_tree import pair_series
from cohorts.prepare.phases import Phase
from cohorts.prepare.reasons import PairRejected, Reason

NCCT = DicomSeries(
    files=("ncct/1",), patient="p", study="s1", frame="f1", person=("F", "19500101"), phase=Phase.NCCT,
    region="chest", sharp=False, slice_mm=1.25, z_mm=(0.0, 200.0), fault=None,
)  # fmt: skip
CTA = replace(NCCT, files=("cta/1",), phase=Phase.ARTERIAL)


def pair(*series: DicomSeries):
    return pair_series("p", list(series)).checked()


def test_native_and_arterial_make_a_pair():
    candidate = pair(CTA, NCCT)
    assert (candidate.ncct.series, candidate.cta.series, candidate.rejected) == (NCCT, CTA, None)


def test_the_arterial_phase_goes_before_another_enhanced_one():
    assert pair(NCCT, replace(CTA, files=("any/1",), phase=Phase.ENHANCED), CTA).cta.series is CTA


@pytest.mark.parametrize(
    "worse",
    [
        {"study": "s2"},
        {"frame": "f2"},
        {"z_mm": (150.0, 350.0)},
        {"sharp": True},
        {"slice_mm": 5.0},
        {"fault": PairRejected(Reason.GEOMETRY)},
    ],
)
def test_the_better_matching_cta_is_taken(worse):
    assert pair(replace(CTA, files=("a/1",), **worse), NCCT, CTA).cta.series is CTA


def test_a_series_of_unknown_phase_is_the_ncct_when_the_other_one_is_named():
    unknown = replace(NCCT, phase=Phase.UNKNOWN)
    assert pair(unknown, CTA).ncct.series is unknown


def test_a_series_of_unknown_phase_is_the_cta_when_nothing_else_can_be():
    unknown = replace(CTA, phase=Phase.UNKNOWN)
    assert pair(NCCT, unknown).cta.series is unknown


def test_two_series_of_unknown_phase_are_left_to_the_user():
    unknown = replace(NCCT, phase=Phase.UNKNOWN)
    assert pair(unknown, replace(unknown, files=("b/1",))).rejected.reason is Reason.UNKNOWN_PHASE


@pytest.mark.parametrize(("lone", "reason"), [(NCCT, Reason.NO_CTA), (CTA, Reason.NO_NCCT)])
def test_a_lone_scan_says_what_is_missing(lone, reason):
    assert pair(lone).rejected.reason is reason


def test_a_venous_phase_makes_no_pair():
    assert pair(NCCT, replace(CTA, phase=Phase.OTHER)).rejected.reason is Reason.NO_CTA


def test_two_persons_under_one_id_are_refused():
    assert pair(NCCT, replace(CTA, person=("M", "19500101"))).rejected.reason is Reason.DIFFERENT_PERSON


def test_a_fault_of_the_only_cta_is_the_reason():
    assert pair(NCCT, replace(CTA, fault=PairRejected(Reason.ORIENTATION))).rejected.reason is Reason.ORIENTATION


def test_different_frames_of_reference_are_remarked():
    assert "frames of reference" in pair(NCCT, replace(CTA, frame="f2")).notes[0]
