import numpy as np
import torch
from PIL import Image

from scripts.pictures import save_batch_picture, step_picture

HU_RANGE = (-2000, 2095)


def test_a_step_shows_five_pictures_a_slice():
    output = {name: torch.zeros(2, 1, 8, 10) for name in ("ncct", "synthetic", "warped", "cta")}
    output["flow_px"] = torch.zeros(2, 2, 8, 10)
    assert step_picture(output, HU_RANGE).shape == (2 * 8, 5 * 10)


def test_a_batch_is_saved_as_a_picture(tmp_path):
    batch = {"ncct": torch.full((1, 1, 8, 8), -1.0), "cta": torch.full((1, 1, 8, 8), 1.0)}
    save_batch_picture(batch, tmp_path / "a" / "batch.png", HU_RANGE)
    picture = np.asarray(Image.open(tmp_path / "a" / "batch.png"))
    assert (picture[:, :8] == 0).all()
    assert (picture[:, 8:] == 255).all()
