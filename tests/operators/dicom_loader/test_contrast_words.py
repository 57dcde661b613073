"""What headers say about contrast."""

import pytest
from pydicom.dataset import Dataset

from ct_headers.contrast_module import contrast_in_attributes
from operators.dicom_loader.contrast import contrast_in_words
from operators.dicom_loader.load import load_ncct_series
from operators.errors import Reason, Refusal
from tests.dicom_series import setting, write_series
from tests.header_words import AGENTS, BOTH, ENHANCED, NATIVE, NO_AGENTS, SILENT


@pytest.mark.parametrize("description", ENHANCED)
def test_words_for_an_enhanced_phase_are_found(description):
    assert contrast_in_words(description)


@pytest.mark.parametrize("description", [*NATIVE, *SILENT])
def test_words_that_deny_contrast_or_say_nothing_pass(description):
    assert not contrast_in_words(description)


@pytest.mark.parametrize("description", BOTH)
def test_with_and_without_is_no_word_for_a_non_contrast_series(description):
    assert contrast_in_words(description)


def test_a_series_that_says_with_and_without_is_refused(tmp_path):
    with pytest.raises(Refusal) as caught:
        load_ncct_series(write_series(tmp_path, setting(SeriesDescription="CHEST W/WO CONTRAST")))
    assert caught.value.reason is Reason.CONTRAST


@pytest.mark.parametrize("keyword", ["StudyDescription", "ProtocolName"])
def test_an_exam_with_and_without_contrast_refuses_no_series(tmp_path, keyword):
    series = load_ncct_series(write_series(tmp_path, setting(**{keyword: "CT CHEST W/WO CONTRAST"})))
    assert series.warnings == []


@pytest.mark.parametrize("agent", AGENTS)
def test_a_named_agent_means_contrast(agent):
    header = Dataset()
    header.ContrastBolusAgent = agent
    assert "0018,0010" in contrast_in_attributes(header)


@pytest.mark.parametrize("agent", NO_AGENTS)
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
