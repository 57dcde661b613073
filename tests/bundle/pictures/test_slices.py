import numpy as np
import torch
from PIL import Image

from scripts.pictures import save_batch_picture, step_picture

HU_RANGE = (-2000, 2095)


HEADER_PX = 18


def step(size=10, flow_px=0.0):
    output = {name: torch.full((2, 1, 8, size), -1.0) for name in ("ncct", "synthetic", "warped", "cta")}
    flow = torch.full((2, 2, 8, size), flow_px / 2**0.5)
    return step_picture(output | {"flow_px": flow}, HU_RANGE, pixel_mm=0.5)


def test_a_step_shows_five_pictures_a_slice():
    assert step().shape == (HEADER_PX + 2 * 8, 5 * 10)


def test_every_column_of_a_step_has_a_name():
    header = step(size=120)[:HEADER_PX]
    assert all(header[:, column * 120 : (column + 1) * 120].max() > 128 for column in range(5))


def test_the_length_of_the_flow_is_shown_in_mm():
    assert step(flow_px=6.0)[-1, -1] == 127  # 3 of 6 mm


def test_a_batch_is_saved_as_a_picture(tmp_path):
    batch = {"ncct": torch.full((1, 1, 8, 8), -1.0), "cta": torch.full((1, 1, 8, 8), 1.0)}
    save_batch_picture(batch, tmp_path / "a" / "batch.png", HU_RANGE)
    picture = np.asarray(Image.open(tmp_path / "a" / "batch.png"))
    assert (picture[:, :8] == 0).all()
    assert (picture[:, 8:] == 255).all()
