"""App and bundle read one config by code of their own, for neither imports the other: they must give the same HU."""

import nibabel
import numpy as np
import pytest
import torch
from monai.transforms import LoadImage

from operators.bundle.inference_bundle import InferenceBundle
from scripts.evaluation.synthesis import Synthesis
from tests.stand_in_bundle import write_random_bundle

pytestmark = pytest.mark.slow


@pytest.fixture
def ncct(tmp_path):
    hu = np.full((40, 40, 12), -1000, np.int16)
    hu[8:32, 8:32] = np.random.default_rng(0).normal(40, 10, (24, 24, 12))
    nibabel.save(nibabel.Nifti1Image(hu, np.diag([-1.3, -1.3, 2.0, 1.0])), tmp_path / "ncct.nii")
    return tmp_path / "ncct.nii"


def test_the_app_and_the_evaluation_give_the_same_hu(tmp_path, bundle_folder, ncct):
    folder = write_random_bundle(tmp_path / "bundle", bundle_folder)
    app = InferenceBundle(folder, device="cpu", amp=False, engine="torch")
    data = app.preprocess(LoadImage(ensure_channel_first=True)(ncct))
    of_app_hu = np.asarray(app.postprocess({**data, "pred": app.synthesize(data)}))
    settings = {"amp": False, "engine": "torch", "device": torch.device("cpu")}
    bundle = Synthesis(folder / "models" / "model.pt", folder / "configs" / "inference.yaml", settings)
    source_hu, of_bundle_hu = (np.asarray(volume) for volume in bundle(ncct))
    assert np.abs(of_bundle_hu - source_hu).max() > 1
    assert np.abs(of_app_hu - of_bundle_hu).max() < 0.01
