"""The uncertainty beside the synthetic HU, with the shipped config and a random network."""

import sys

import numpy as np
import pytest

from operators.bundle.inference_bundle import InferenceBundle
from operators.dicom_loader.load import load_ncct_series
from operators.preprocessing.prepare import prepare
from operators.synthesis.synthesize import synthesize
from tests.dicom_series import write_series
from tests.stand_in_bundle import write_random_bundle

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _module_search_path_as_before(monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])  # an opened bundle puts itself in front


@pytest.fixture
def bundle(tmp_path, bundle_folder):
    return InferenceBundle(write_random_bundle(tmp_path / "bundle", bundle_folder), device="cpu", amp=False)


@pytest.fixture
def series(tmp_path):
    return load_ncct_series(write_series(tmp_path / "in"))


def test_the_uncertainty_lies_on_the_source_grid_and_leaves_the_synthesis_alone(series, bundle):
    prepared = prepare(series, bundle)
    synthetic = synthesize(prepared, bundle, uncertainty=True)
    assert synthetic.uncertainty_hu.shape == series.hu.shape
    assert synthetic.uncertainty_hu.min() > -0.01  # rounding of a sum
    assert synthetic.uncertainty_hu.max() > 1
    alone = synthesize(prepared, bundle)
    assert alone.uncertainty_hu is None
    assert np.array_equal(alone.hu, synthetic.hu)


def test_the_uncertainty_does_not_depend_on_the_slabs(series, bundle):
    bundle._parser["slabs#length"] = 1000
    whole = synthesize(prepare(series, bundle), bundle, uncertainty=True)
    bundle._parser["slabs#length"] = 4
    pieces = synthesize(prepare(series, bundle), bundle, uncertainty=True)
    assert np.array_equal(whole.uncertainty_hu, pieces.uncertainty_hu)
