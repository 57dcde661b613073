"""Inputs rebuilt from public reports, and every real series: each gets the answer that its user expects.

By the command line, with the validator over the series that is written; the network is a stand-in.
"""

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from app.settings import read_settings
from app.shipped import SETTINGS
from operators.dicom_loader.load import load_ncct_series
from tests.app.conversion.conftest import Run
from tests.dicom_series import dciodvfy_errors

pytestmark = [pytest.mark.slow, pytest.mark.long]

READ = "read"
REFUSED = {
    "late_phase_chinese": "contrast",
    "description_chinese_enhanced": "contrast",
    "description_japanese": "contrast",
    "late_phase_french": "contrast",
    "premonitoring_only_left": "contrast",
    "contrast_tag_on_all_biphasic": "contrast",
    "bodypart_extremity": "anatomy",
    "vnc_original": "derived",
    "hu_mod_rescale_type": "derived",
    "zipped": "no_ct_series",
    "duplicate_position_one": "ambiguous",
    "multi_pass_overlap": "geometry",
    "comma_decimal": "geometry",
}
CONVERTED = (
    "biphasic_stripped",
    "bodypart_lung_no_laterality",
    "charset_gb18030_plain",
    "derived_primary_original_ncct",
    "embedded_overlay_j2k",
    "embedded_overlay_j2k_small",
    "enhanced_single_frames",
    "highbit15",
    "monitoring_beats_ncct",
    "no_file_meta",
    "no_preamble_all",
    "no_preamble_one",
    "oral_contrast_only",
    "padding_zero_signed",
    "plain_portuguese",
    "procedure_step_w_contrast",
    "prone_feet_first",
    "scout_without_localizer_word",
    "signed12_not_extended",
    "spacing_strings_differ",
    "tcia_patientname_differs_case",
)
SAME_HU = (
    "embedded_overlay_j2k_small",
    "embedded_overlay_j2k",
    "highbit15",
    "padding_zero_signed",
    "no_preamble_one",
    "no_preamble_all",
    "no_file_meta",
    "spacing_strings_differ",
)
"""Cases that must be read to the same HU as the same series without a fault."""

REAL_CONTRAST = (
    "dicom_cect_abdomen_CRLM-CT-1006",
    "dicom_cect_abdomen_j2k_TotalSegmentator",
    "dicom_cect_arterial_KiTS-00072",
    "dicom_cta_chest_CMB-CRC-MSB-01068",
    "dicom_cta_neck_to_kidneys_LIDC-IDRI-0001",
    "dicom_cta_pulmonary_RIDER-Pilot-0117",
    "dicom_cta_pulmonary_RIDER-Pilot-0117_95slices",
)
REAL_NCCT = (
    "dicom_ncct_abdomen_ACRIN-FLT-Breast_001_t0",
    "dicom_ncct_chest_ACRIN-FLT-Breast_001_t2",
    "dicom_ncct_chest_ACRIN-FLT-Breast_013",
    "dicom_ncct_chest_LIDC-IDRI-0314",
    "dicom_ncct_chest_abdomen_ACRIN-NSCLC-FDG-PET-042",
    "dicom_ncct_head_neck_chest_ACRIN-FLT-Breast_001_t1",
)


@pytest.fixture(scope="module")
def builders(shared_data) -> ModuleType:
    """The builders of the cases, which lie beside the data."""
    file = shared_data.parent / "cases" / "builders.py"
    if not file.is_file():
        pytest.skip("the cases are not at hand")
    os.environ.setdefault("LIDC", str(shared_data / "dicom_ncct_chest_LIDC-IDRI-0314"))
    spec = importlib.util.spec_from_file_location("field_case_builders", file)
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    spec.loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


@pytest.fixture
def built(builders, tmp_path) -> Callable[[str], Path]:
    """Build a case; the folder that its user gives to the app."""

    def build(case: str) -> Path:
        builders.CASES[case](tmp_path / case)
        return tmp_path / case

    return build


@pytest.fixture(scope="module")
def sound_hu(builders, tmp_path_factory) -> np.ndarray:
    folder = tmp_path_factory.mktemp("sound")
    builders.CASES["ctrl_good"](folder)
    return load_ncct_series(folder).hu


def answer_of(run: Run) -> str:
    """ "read", or the reason of the refusal."""
    return READ if run.exit_code == 0 else run.refusal[1]


@pytest.mark.parametrize("case", REFUSED)
def test_a_case_from_the_field_is_refused_with_its_reason(built, app, case):
    assert answer_of(app(built(case))) == REFUSED[case]


@pytest.mark.parametrize("case", CONVERTED)
def test_a_case_from_the_field_becomes_a_valid_series(built, app, monkeypatch, case):
    monkeypatch.setenv("FIELD_N", "12")  # shorter series, for time
    run = app(built(case))
    assert (answer_of(run), dciodvfy_errors(run.output / "syn-cta")) == (READ, [])


def test_what_is_written_beside_the_series_is_valid_too(built, app):
    run = app(built("bodypart_lung_no_laterality"), "--settings", str(SETTINGS))
    assert dciodvfy_errors(run.output / "companions") == []


@pytest.mark.parametrize("case", SAME_HU)
def test_a_fault_of_the_file_changes_no_hu(built, sound_hu, case):
    assert np.array_equal(load_ncct_series(built(case)).hu, sound_hu)


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("procedure_step_w_contrast", "description mentions contrast"),
        ("padding_zero_signed", "Pixel Padding Value"),
        ("embedded_overlay_j2k", "Bits above Bits Stored"),
        ("scout_without_localizer_word", "skipped"),
        ("oral_contrast_only", "Oral or rectal"),
    ],
)
def test_what_is_odd_and_read_is_told(built, case, told):
    assert any(told in warning for warning in load_ncct_series(built(case)).warnings)


@pytest.mark.parametrize(
    ("case", "told"),
    [("contrast_tag_on_all_biphasic", "loader.gates.contrast_header"), ("zipped", "Unpack the archive first")],
)
def test_a_refusal_says_what_to_do(built, app, case, told):
    assert told in app(built(case)).message


@pytest.mark.parametrize("folder", REAL_CONTRAST)
def test_a_real_series_with_contrast_is_refused(shared_data, app, folder):
    assert answer_of(app(shared_data / folder)) == "contrast"


@pytest.mark.parametrize("folder", REAL_NCCT)
def test_a_real_series_without_contrast_is_read(shared_data, folder):
    load_ncct_series(shared_data / folder, read_settings().loader)  # raises where the app would refuse


def test_a_real_series_without_contrast_is_converted(shared_data, app):
    assert answer_of(app(shared_data / "dicom_ncct_chest_LIDC-IDRI-0314")) == READ
