"""What headers say about contrast."""

import pytest
from pydicom.dataset import Dataset

from operators.dicom_loader.contrast import contrast_in_attributes, contrast_in_words


@pytest.mark.parametrize(
    "description",
    [
        "CTA Thorax 1.0",
        "CT ANGIO NECK",
        "Angiography",
        "arterial",
        "PORTAL VENOUS 5.0",
        "CHEST W/ CONTRAST",
        "Chest with contrast",
        "Thorax KM 1.0 B30f",
        "ABD C+",
        "post-contrast",
        "CHEST_W_CONTRAST",
        "ce-CT, enhanced",
        "CTPA 1.25",
    ],
)
def test_words_for_an_enhanced_phase_are_found(description):
    assert contrast_in_words(description)


@pytest.mark.parametrize(
    "description",
    [
        "",
        "CHEST W/O CONTRAST",
        "Chest without contrast",
        "CHEST W/O",
        "NON-CONTRAST CHEST",
        "noncon chest",
        "NON CON",
        "Thorax nativ 1.0 B30f",
        "Thorax ohne KM",
        "unenhanced",
        "NCCT Head",
        "THORAX 1.0 (enhanced conversion)",
        "pre-contrast",
        "sans injection",
        "no IV contrast",
        "C- chest",
        "CHEST 1.0 SOFT",
        "CARDIAC CALCIUM SCORE",
        "CONSOLIDATION FOLLOW UP",
    ],
)
def test_words_that_deny_contrast_or_say_nothing_pass(description):
    assert not contrast_in_words(description)


@pytest.mark.parametrize("agent", ["APPLIED", "OMNI", "ISOVUE300/100", "GASTRO & OMNI", "yes"])
def test_a_named_agent_means_contrast(agent):
    header = Dataset()
    header.ContrastBolusAgent = agent
    assert "0018,0010" in contrast_in_attributes(header)


@pytest.mark.parametrize("agent", ["", "NONE", "no", "No contrast", "W/O", "without contrast"])
def test_a_field_that_says_no_agent_passes(agent):
    header = Dataset()
    header.ContrastBolusAgent = agent
    assert contrast_in_attributes(header) is None


def test_a_contrast_volume_alone_means_contrast():
    header = Dataset()
    header.ContrastBolusVolume = "80"
    assert "0018,1041" in contrast_in_attributes(header)


def test_a_contrast_volume_of_zero_passes():
    header = Dataset()
    header.ContrastBolusVolume = "0"
    header.ContrastBolusTotalDose = "0"
    assert contrast_in_attributes(header) is None
