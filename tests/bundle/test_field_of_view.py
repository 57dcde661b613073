"""What the frame of a scan may change: nothing but what lies within reach of its edge.

The networks are small and random, with the batch normalisation of the shipped ones: whatever they take from the frame
shows. Cuts are multiples of their strides.
"""

import nibabel
import numpy as np
import pytest

from scripts.evaluation import Synthesis
from tests.stand_in_bundle import write_random_bundle

pytestmark = pytest.mark.slow

SPACING_MM = (1.0, 1.0, 1.25)
REACH_PX = 32
"""Of these networks, from the edge of the window that they see."""


@pytest.fixture(scope="module")
def synthesis(tmp_path_factory, bundle_folder) -> Synthesis:
    folder = write_random_bundle(tmp_path_factory.mktemp("random") / "bundle", bundle_folder, context=True)
    settings = {"bundle_root": str(folder), "spacing_mm": list(SPACING_MM), "device": "cpu", "amp": False}
    return Synthesis(config=folder / "configs" / "inference.yaml", settings=settings)


@pytest.fixture(scope="module")
def ncct_hu() -> np.ndarray:
    """(columns, rows, slices): tissue with structures of some voxels in air."""
    random = np.random.default_rng(0)
    coarse = random.normal(40, 120, (26, 18, 12))
    values = np.full((240, 176, 24), -1024.0)
    values[16:224, 16:160] = coarse.repeat(8, 0).repeat(8, 1).repeat(2, 2) + random.normal(0, 10, (208, 144, 24))
    return values.astype(np.float32)


def enhancement_hu(synthesis: Synthesis, ncct_hu: np.ndarray, tmp_path) -> np.ndarray:
    path = tmp_path / "ncct.nii"
    nibabel.save(nibabel.Nifti1Image(ncct_hu, np.diag([-1.0, -1.0, 1.25, 1.0])), path)
    source_hu, synthetic_hu = synthesis(path)
    return np.asarray(synthetic_hu - source_hu)[0]


@pytest.fixture(scope="module")
def expected_hu(synthesis, ncct_hu, tmp_path_factory) -> np.ndarray:
    expected_hu = enhancement_hu(synthesis, ncct_hu, tmp_path_factory.mktemp("whole"))
    assert expected_hu.std() > 20, "networks that do nothing would pass"
    return expected_hu


def test_air_around_the_scan_changes_nothing(synthesis, ncct_hu, expected_hu, tmp_path):
    padded = np.pad(ncct_hu, ((10, 54), (30, 2), (0, 0)), constant_values=-1024)
    found_hu = enhancement_hu(synthesis, padded, tmp_path)[10:250, 30:206]
    assert np.abs(found_hu - expected_hu).max() < 5


@pytest.mark.parametrize("cut", [slice(80, None), slice(-80)])
def test_a_cut_off_side_changes_nothing_out_of_its_reach(synthesis, ncct_hu, expected_hu, tmp_path, cut):
    difference_hu = np.abs(enhancement_hu(synthesis, ncct_hu[cut], tmp_path) - expected_hu[cut])
    assert difference_hu[REACH_PX:-REACH_PX].max() < 5
    assert difference_hu.max() > 5, "the cut itself is seen"
