import numpy as np
import pytest
import torch

from scripts.metrics import PatientMean, false_enhancement, lumen_error_hu

HU_RANGE = [-2000, 2095]


def volume(hu: np.ndarray) -> torch.Tensor:
    return torch.from_numpy((hu - 47.5) / 2047.5).float()[None]


@pytest.fixture
def patient() -> dict[str, torch.Tensor]:
    """A real pair: a body whose vessel should rise from 40 to 340 HU and has risen to 240; no masks."""
    ncct_hu = np.full((20, 20, 2), -1024.0)
    ncct_hu[2:-2, 2:-2] = 40
    rise = np.zeros_like(ncct_hu)
    rise[8:12, 8:12] = 1
    images = {"image": ncct_hu, "label": ncct_hu + 300 * rise, "pred": ncct_hu + 200 * rise}
    return {name: volume(hu) for name, hu in images.items()} | {"rise": torch.from_numpy(rise)[None]}


def mean(metric: PatientMean, *patients: dict) -> float:
    metric.update(patients)
    return metric.compute()


def test_a_lumen_mask_tells_where_a_real_pair_is_measured(patient):
    metric = PatientMean(lumen_error_hu, HU_RANGE, skip_undefined=True)
    assert mean(metric, patient | {"lumen": patient["rise"]}) == pytest.approx(100, abs=0.5)


def test_of_a_label_map_only_the_arteries_count(patient):
    metric = PatientMean(lumen_error_hu, HU_RANGE, skip_undefined=True, lumen_labels=[52])
    organs = torch.where(patient["rise"] > 0, 52, 5)
    assert mean(metric, patient | {"lumen": organs}) == pytest.approx(100, abs=0.5)


def test_without_a_mask_the_lumen_error_is_undefined(patient):
    assert np.isnan(mean(PatientMean(lumen_error_hu, HU_RANGE, skip_undefined=True), patient))


def test_what_needs_all_that_enhances_is_undefined_without_structures(patient):
    settings = {"reference": "image", "skip_undefined": True, "needs_structures": True}
    assert np.isnan(mean(PatientMean(false_enhancement, HU_RANGE, **settings), patient))


def test_patients_without_the_metric_are_left_out(patient):
    metric = PatientMean(lumen_error_hu, HU_RANGE, skip_undefined=True)
    assert mean(metric, patient, patient | {"lumen": patient["rise"]}) == pytest.approx(100, abs=0.5)
