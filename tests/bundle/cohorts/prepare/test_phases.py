"""Contrast phase and region by header."""

from itertools import product

import pytest
from pydicom.dataset import Dataset

from cohorts.prepare.phases import Phase, body_region, contrast_phase
from operators.dicom_loader.contrast import contrast_in_words
from tests.header_words import AGENTS, BOTH, ENHANCED, NATIVE, NO_AGENTS, SILENT

WORDS = (
    "CHEST", "W", "WITH", "W/O", "W/WO", "AND", "NON", "PRE", "POST", "CONTRAST", "CE", "CE-", "KM", "C+", "NATIVE",
    "CTA", "ART", "DELAYED",
)  # fmt: skip


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


@pytest.mark.parametrize("description", ENHANCED)
def test_an_enhanced_phase_is_never_taken_for_the_ncct(description):
    assert contrast_phase(header(SeriesDescription=description)) in (Phase.ARTERIAL, Phase.ENHANCED, Phase.OTHER)


@pytest.mark.parametrize("description", NATIVE)
def test_words_that_deny_contrast_name_the_ncct(description):
    assert contrast_phase(header(SeriesDescription=description)) is Phase.NCCT


@pytest.mark.parametrize("description", [*SILENT, *BOTH])
def test_a_description_that_says_nothing_or_both_leaves_the_phase_open(description):
    assert contrast_phase(header(SeriesDescription=description)) is Phase.UNKNOWN


@pytest.mark.slow
def test_whatever_the_words_training_and_app_do_not_contradict_each_other():
    opposite = {True: (Phase.NCCT,), False: (Phase.ARTERIAL, Phase.ENHANCED, Phase.OTHER)}
    texts = (" ".join(words) for words in product(WORDS, repeat=3))
    told = ((text, contrast_in_words(text), contrast_phase(header(SeriesDescription=text))) for text in texts)
    assert [text for text, refused, phase in told if phase in opposite[refused]] == []


def test_an_agent_decides_where_the_description_says_with_and_without():
    said = header(SeriesDescription="CHEST W/WO CONTRAST", ContrastBolusAgent="Iomeron 400")
    assert contrast_phase(said) is Phase.ENHANCED


def test_a_urography_is_no_cta_to_learn_from():
    assert contrast_phase(header(SeriesDescription="CT UROGRAM")) is Phase.OTHER


def test_an_agent_tells_contrast_where_the_description_is_silent():
    assert contrast_phase(header(SeriesDescription="Chest", ContrastBolusAgent="Iomeron 400")) is Phase.ENHANCED


def test_a_native_series_stays_native_though_the_protocol_names_an_agent():
    assert contrast_phase(header(SeriesDescription="nativ", ContrastBolusAgent="Iomeron 400")) is Phase.NCCT


@pytest.mark.parametrize("agent", AGENTS)
def test_a_named_agent_means_contrast(agent):
    assert contrast_phase(header(SeriesDescription="Chest", ContrastBolusAgent=agent)) is Phase.ENHANCED


@pytest.mark.parametrize("agent", NO_AGENTS)
def test_an_agent_that_denies_contrast_is_none(agent):
    assert contrast_phase(header(SeriesDescription="Chest", ContrastBolusAgent=agent)) is Phase.UNKNOWN


@pytest.mark.parametrize("tag", ["ContrastBolusVolume", "ContrastBolusTotalDose"])
def test_an_amount_of_contrast_means_contrast(tag):
    assert contrast_phase(header(SeriesDescription="Chest", **{tag: "80"})) is Phase.ENHANCED


def test_no_amount_of_contrast_means_nothing():
    assert contrast_phase(header(SeriesDescription="Chest", ContrastBolusVolume="0")) is Phase.UNKNOWN


def test_the_body_part_tells_the_region_before_the_description():
    assert body_region(header(BodyPartExamined="ABDOMEN", SeriesDescription="Chest")) == "abdomen"


def test_head_and_neck_counts_as_neck():
    assert body_region(header(BodyPartExamined="HEADNECK", SeriesDescription="CTA Head Neck")) == "neck"


def test_a_region_that_nothing_names_is_none():
    assert body_region(header(SeriesDescription="1.25 soft")) is None
