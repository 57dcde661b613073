"""Contrast phase and region by header."""

import pytest
from pydicom.dataset import Dataset

from scripts.prepare.phases import Phase, body_region, contrast_phase


def header(**tags: str) -> Dataset:
    dataset = Dataset()
    for name, value in tags.items():
        setattr(dataset, name, value)
    return dataset


@pytest.mark.parametrize(
    ("description", "phase"),
    [
        ("Thorax nativ 1.0 B30f", Phase.NCCT),
        ("CHEST W/O CONTRAST", Phase.NCCT),
        ("Non-con 1.25mm", Phase.NCCT),
        ("pre-contrast abdomen", Phase.NCCT),
        ("CTA Carotids 0.75", Phase.ARTERIAL),
        ("Abdomen arterial phase", Phase.ARTERIAL),
        ("Abdomen portal venous", Phase.OTHER),
        ("delayed 5 min", Phase.OTHER),
        ("VNC from CTA", Phase.OTHER),
        ("CTA MIP cor", Phase.OTHER),
        ("Chest with contrast", Phase.ENHANCED),
        ("Chest 1.25", Phase.UNKNOWN),
    ],
)
def test_the_description_tells_the_phase(description, phase):
    assert contrast_phase(header(SeriesDescription=description)) is phase


def test_an_agent_tells_contrast_where_the_description_is_silent():
    assert contrast_phase(header(SeriesDescription="Chest", ContrastBolusAgent="Iomeron 400")) is Phase.ENHANCED


def test_a_native_series_stays_native_though_the_protocol_names_an_agent():
    assert contrast_phase(header(SeriesDescription="nativ", ContrastBolusAgent="Iomeron 400")) is Phase.NCCT


@pytest.mark.parametrize("agent", ["", "NONE", "no", "without contrast"])
def test_an_agent_that_denies_contrast_is_none(agent):
    assert contrast_phase(header(SeriesDescription="Chest", ContrastBolusAgent=agent)) is Phase.UNKNOWN


def test_the_body_part_tells_the_region_before_the_description():
    assert body_region(header(BodyPartExamined="ABDOMEN", SeriesDescription="Chest")) == "abdomen"


def test_head_and_neck_counts_as_neck():
    assert body_region(header(BodyPartExamined="HEADNECK", SeriesDescription="CTA Head Neck")) == "neck"


def test_a_region_that_nothing_names_is_none():
    assert body_region(header(SeriesDescription="1.25 soft")) is None
