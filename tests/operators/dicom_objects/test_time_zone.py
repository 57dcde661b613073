"""The zone that a source names."""

from datetime import timedelta

import pytest
from pydicom.dataset import Dataset

from operators.dicom_objects.time_zone import source_time_zone


def headers(*offsets):
    made = []
    for offset in offsets:
        header = Dataset()
        if offset is not None:
            header.TimezoneOffsetFromUTC = offset
        made.append(header)
    return made


@pytest.mark.parametrize(
    ("offset", "minutes"),
    [("+0000", 0), ("+0100", 60), ("-0330", -210), ("+0545", 345), ("-1200", -720), ("+1400", 840)],
)
def test_an_offset_is_read(offset, minutes):
    assert source_time_zone(headers(offset, offset)).utcoffset(None) == timedelta(minutes=minutes)


@pytest.mark.parametrize("offset", [None, "", "-0000", "+1500", "-1230", "+0160", "0100", "+1:00", "CET"])
def test_what_is_no_offset_is_no_zone(offset):
    assert source_time_zone(headers(offset, offset)) is None


@pytest.mark.parametrize("offsets", [("+0100", "+0200"), ("+0100", None)])
def test_slices_that_differ_name_no_zone(offsets):
    assert source_time_zone(headers(*offsets)) is None
