"""Slices of many volumes."""

import pickle

import pytest

from scripts.data.slice_records import SliceRecords


def test_slices_are_counted_through_all_patients():
    records = SliceRecords([{"patient": "a"}, {"patient": "b"}], [2, 3])
    assert [(record["patient"], record["slice_index"]) for record in records] == [
        ("a", 0), ("a", 1), ("b", 0), ("b", 1), ("b", 2),
    ]  # fmt: skip
    assert records[-1] == {"patient": "b", "slice_index": 2}


def test_a_slice_beyond_the_last_is_refused():
    with pytest.raises(IndexError, match="Slice 5 of 5"):
        SliceRecords([{}, {}], [2, 3])[5]


def test_a_thousand_patients_take_less_than_a_megabyte():
    patients = [{"patient": f"case-{n}", "ncct": f"/data/case-{n}/ncct.nii"} for n in range(1000)]
    assert len(pickle.dumps(SliceRecords(patients, [250] * 1000))) < 1_000_000
