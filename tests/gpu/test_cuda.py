"""What only a GPU can show. The device is SYN_CTA_TEST_DEVICE, cuda by default; without a GPU the tests are skipped."""

import os
import sys

import numpy as np
import pytest
import torch

from app.failures import as_refusal
from benchmarks.training_data import write_noise_cohort
from operators.bundle.inference_bundle import InferenceBundle
from operators.dicom_loader.load import load_ncct_series
from operators.errors import Reason, Refusal
from operators.preprocessing.prepare import prepare
from operators.synthesis.synthesize import synthesize
from tests.bundle.small_training import checkpoint, train
from tests.dicom_series import write_series

pytestmark = pytest.mark.gpu


@pytest.fixture(autouse=True)
def _module_search_path_as_before(monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])  # an opened bundle puts itself in front


@pytest.fixture
def device() -> str:
    name = os.environ.get("SYN_CTA_TEST_DEVICE", "cuda")
    if name == "cuda" and not torch.cuda.is_available():
        pytest.skip("no GPU")
    return name


@pytest.fixture
def series(tmp_path):
    return load_ncct_series(write_series(tmp_path / "in"))


def synthetic_hu(series, bundle: InferenceBundle, *, uncertainty: bool = False) -> np.ndarray:
    synthetic = synthesize(prepare(series, bundle), bundle, uncertainty=uncertainty)
    return (synthetic.uncertainty_hu if uncertainty else synthetic.hu).astype(np.float32)


@pytest.mark.parametrize("amp", [False, True], ids=["float32", "mixed precision"])
def test_the_gpu_synthesises_what_the_cpu_does(series, bundle_folder, device, amp):
    expected_hu = synthetic_hu(series, InferenceBundle(bundle_folder, device="cpu", amp=False, engine="torch"))
    found_hu = synthetic_hu(series, InferenceBundle(bundle_folder, device=device, amp=amp))
    difference_hu = np.abs(found_hu - expected_hu)
    assert difference_hu.mean() <= 2
    assert difference_hu.max() <= 10


def test_the_gpu_maps_the_uncertainty_that_the_cpu_does(series, bundle_folder, device):
    bundles = [InferenceBundle(bundle_folder, device=name, amp=False, engine="torch") for name in ("cpu", device)]
    expected_hu, found_hu = (synthetic_hu(series, bundle, uncertainty=True) for bundle in bundles)
    assert np.abs(found_hu - expected_hu).max() <= 10


def test_a_gpu_without_room_is_told_as_such(series, bundle_folder, device):
    if device == "cpu":
        pytest.skip("main memory is not bounded by PyTorch")
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(1e-5)
    try:
        with pytest.raises((torch.OutOfMemoryError, Refusal)) as error:
            synthetic_hu(series, InferenceBundle(bundle_folder, device=device))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert as_refusal(error.value).reason is Reason.OUT_OF_MEMORY


def test_a_gpu_that_is_there_is_chosen(bundle_folder, device):
    assert InferenceBundle(bundle_folder).device.type == device


def test_one_gpu_more_than_there_are_is_refused(bundle_folder, device):
    with pytest.raises(Refusal) as refusal:
        InferenceBundle(bundle_folder, device=f"cuda:{torch.cuda.device_count()}")
    assert refusal.value.reason is Reason.NO_GPU


def test_a_training_on_the_gpu_goes_on_where_it_stopped(tmp_path, bundle_folder, device):
    datalist = write_noise_cohort(tmp_path, patients=2, slices=12, size_px=(96, 96))
    options = {"device": device, "patch_px": 96, "val_interval": 10, "max_epochs": 2, "constant_epochs": 2}
    whole = checkpoint(train(bundle_folder, datalist, tmp_path / "whole", **options), 2)
    train(bundle_folder, datalist, tmp_path / "parts", **options | {"max_epochs": 1})
    parts = checkpoint(train(bundle_folder, datalist, tmp_path / "parts", **options, resume=True), 2)
    start = checkpoint(tmp_path / "parts", 1)
    for name, values in whole["generator"].items():
        if values.is_floating_point() and values.dim() > 1:
            # Adding up in another order is all that a GPU may do differently.
            off, made = (parts["generator"][name] - values).norm(), (values - start["generator"][name]).norm()
            assert off <= 0.5 * made, name
