"""The app from Python: DICOM by `convert`, arrays by `synthesize`."""

import os
import re
import subprocess
import sys

import nibabel
import numpy as np
import pytest

from app.api import convert, synthesize
from operators.errors import Reason, Refusal
from tests.dicom_series import body_hu, write_series
from tests.stand_in_bundle import ADDED_HU, write_stand_in_bundle

pytestmark = pytest.mark.long

AFFINE = np.diag([-0.7, -0.9, 2.0, 1.0])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_stand_in_bundle(tmp_path_factory.mktemp("api") / "stand_in")


@pytest.mark.slow
def test_convert_returns_the_record_of_the_run(bundle, tmp_path):
    record = convert(write_series(tmp_path / "in"), tmp_path / "out", bundle=bundle, device="cpu")
    assert record["written"]["syn_cta"] == len(list((tmp_path / "out" / "syn-cta").iterdir()))


def test_convert_refuses_with_a_reason(bundle, tmp_path):
    with pytest.raises(Refusal) as refused:
        convert(tmp_path / "nothing", tmp_path / "out", bundle=bundle)
    assert refused.value.reason is Reason.NO_INPUT


@pytest.mark.parametrize("direction", [1, -1])
def test_synthesize_gives_the_cta_on_the_grid_of_the_array(bundle, direction):
    volume_hu = body_hu().transpose(2, 1, 0)
    affine = AFFINE @ np.diag([1, 1, direction, 1])
    synthetic_hu = synthesize(volume_hu, affine, bundle=bundle, device="cpu")
    assert np.allclose(synthetic_hu, volume_hu + ADDED_HU, atol=0.5)


def test_synthesize_takes_no_array_whose_slices_are_not_axial(bundle):
    with pytest.raises(ValueError, match="third axis"):
        synthesize(body_hu(), AFFINE[[2, 1, 0, 3]], bundle=bundle)


def test_synthesize_takes_no_array_that_is_no_volume(bundle):
    with pytest.raises(ValueError, match="three-dimensional"):
        synthesize(np.zeros((4, 4)), AFFINE, bundle=bundle)


@pytest.mark.parametrize("fault", [np.nan, np.inf])
@pytest.mark.parametrize("place", [(0, 0), (2, 3)])
def test_synthesize_takes_no_affine_that_is_not_finite(bundle, fault, place):
    affine = AFFINE.copy()
    affine[place] = fault
    with pytest.raises(ValueError, match="affine"):
        synthesize(np.zeros((4, 4, 4)), affine, bundle=bundle)


@pytest.mark.parametrize("fault", [np.nan, -np.inf, 1j])
def test_synthesize_takes_no_array_that_is_not_in_hu(bundle, fault):
    with pytest.raises(ValueError, match="HU"):
        synthesize(np.full((4, 4, 4), fault), AFFINE, bundle=bundle)


@pytest.mark.slow
def test_the_examples_of_the_documentation_run(repository, tmp_path):
    write_series(tmp_path / "study")
    nibabel.save(nibabel.Nifti1Image(body_hu().transpose(2, 1, 0), AFFINE), tmp_path / "ncct.nii.gz")
    examples = re.findall(r"```python\n(.*?)```", (repository / "docs" / "api.md").read_text(), re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(example for example in examples if "app.api" in example)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert nibabel.load(tmp_path / "synthetic.nii.gz").shape == body_hu().shape[::-1]
