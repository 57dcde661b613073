"""Inputs rebuilt from public reports, and every real series: each gets the answer that its user expects."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from operators.dicom_loader.load import load_ncct_series
from operators.dicom_loader.series import NCCTSeries
from operators.errors import Refusal

pytestmark = pytest.mark.slow

READ = "read"
EXPECTED = {
    "late_phase_chinese": "contrast",
    "description_chinese_enhanced": "contrast",
    "description_japanese": "contrast",
    "late_phase_french": "contrast",
    "procedure_step_w_contrast": READ,
    "plain_portuguese": READ,
    "monitoring_beats_ncct": READ,
    "biphasic_stripped": READ,
    "premonitoring_only_left": "contrast",
    "spacing_strings_differ": READ,
    "tcia_patientname_differs_case": READ,
    "embedded_overlay_j2k_small": READ,
    "embedded_overlay_j2k": READ,
    "highbit15": READ,
    "padding_zero_signed": READ,
    "no_preamble_one": READ,
    "no_preamble_all": READ,
    "no_file_meta": READ,
    "scout_without_localizer_word": READ,
    "bodypart_extremity": "anatomy",
    "vnc_original": "derived",
    "contrast_tag_on_all_biphasic": "contrast",
    "oral_contrast_only": READ,
    "zipped": "no_ct_series",
    "bodypart_lung_no_laterality": READ,
    "derived_primary_original_ncct": READ,
    "uid_leading_zero": READ,
}
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

REAL = {
    "dicom_cect_abdomen_CRLM-CT-1006": "contrast",
    "dicom_cect_abdomen_j2k_TotalSegmentator": "contrast",
    "dicom_cect_arterial_KiTS-00072": "contrast",
    "dicom_cta_chest_CMB-CRC-MSB-01068": "contrast",
    "dicom_cta_neck_to_kidneys_LIDC-IDRI-0001": "contrast",
    "dicom_cta_pulmonary_RIDER-Pilot-0117": "contrast",
    "dicom_cta_pulmonary_RIDER-Pilot-0117_95slices": "contrast",
    "dicom_ncct_abdomen_ACRIN-FLT-Breast_001_t0": READ,
    "dicom_ncct_chest_ACRIN-FLT-Breast_001_t2": READ,
    "dicom_ncct_chest_ACRIN-FLT-Breast_013": READ,
    "dicom_ncct_chest_LIDC-IDRI-0314": READ,
    "dicom_ncct_chest_abdomen_ACRIN-NSCLC-FDG-PET-042": READ,
    "dicom_ncct_head_neck_chest_ACRIN-FLT-Breast_001_t1": READ,
}


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


@pytest.fixture(scope="module")
def sound_hu(builders, tmp_path_factory) -> np.ndarray:
    return _loaded(builders, "ctrl_good", tmp_path_factory.mktemp("sound")).hu


def _loaded(builders: ModuleType, case: str, folder: Path) -> NCCTSeries:
    builders.CASES[case](folder / case)
    return load_ncct_series(folder / case)


@pytest.mark.parametrize("case", EXPECTED)
def test_a_case_from_the_field_gets_its_answer(builders, tmp_path, case):
    try:
        _loaded(builders, case, tmp_path)
        answer = READ
    except Refusal as refusal:
        answer = refusal.reason.code
    assert answer == EXPECTED[case]


@pytest.mark.parametrize("case", SAME_HU)
def test_a_fault_of_the_file_changes_no_hu(builders, sound_hu, tmp_path, case):
    assert np.array_equal(_loaded(builders, case, tmp_path).hu, sound_hu)


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("procedure_step_w_contrast", "texts on the examination"),
        ("padding_zero_signed", "Pixel Padding Value"),
        ("embedded_overlay_j2k", "Bits above Bits Stored"),
        ("scout_without_localizer_word", "left out"),
        ("oral_contrast_only", "by mouth"),
    ],
)
def test_what_is_odd_and_read_is_told(builders, tmp_path, case, told):
    assert any(told in warning for warning in _loaded(builders, case, tmp_path).warnings)


def test_the_agent_on_every_series_of_a_study_names_the_gate_that_opens(builders, tmp_path):
    with pytest.raises(Refusal, match=r"loader\.gates\.contrast_header"):
        _loaded(builders, "contrast_tag_on_all_biphasic", tmp_path)


@pytest.mark.parametrize("folder", REAL)
def test_a_real_series_gets_its_answer(shared_data, folder):
    try:
        load_ncct_series(shared_data / folder)
        answer = READ
    except Refusal as refusal:
        answer = refusal.reason.code
    assert answer == REAL[folder]
