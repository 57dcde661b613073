import numpy as np
import pytest
import torch

from scripts.evaluation import Synthesis

pytestmark = pytest.mark.slow


def test_a_network_that_does_nothing_gives_the_source_back(models, records):
    source_hu, synthetic_hu = Synthesis(settings=models["residual"])(records[0]["ncct"])
    np.testing.assert_allclose(synthetic_hu, source_hu, atol=0.01)


def test_the_window_of_a_model_is_a_setting(models):
    assert Synthesis(settings={**models["paper"], "hu_range": [-1024, 3071]}).hu_range == [-1024, 3071]


def test_missing_weights_are_named(models):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.pt"):
        Synthesis(settings={**models["paper"], "checkpoint": "nowhere.pt"})


def test_weights_of_another_network_are_refused(models):
    with pytest.raises(ValueError, match="does not fit ResidualGenerator"):
        Synthesis(settings={**models["residual"], "checkpoint": models["paper"]["checkpoint"]})


def test_a_training_checkpoint_is_refused(models, tmp_path):
    torch.save({"generator": {}, "discriminator": {}}, tmp_path / "checkpoint_epoch=1.pt")
    with pytest.raises(ValueError, match=r"model\.pt of its run"):
        Synthesis(tmp_path / "checkpoint_epoch=1.pt", settings={"network_def": models["paper"]["network_def"]})


def test_a_misspelt_setting_is_refused(models):
    with pytest.raises(ValueError, match="no setting hu_rnage"):
        Synthesis(settings={**models["paper"], "hu_rnage": [-1024, 3071]})
