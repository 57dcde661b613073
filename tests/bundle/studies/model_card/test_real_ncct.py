import numpy as np
import pytest
import torch

from studies.model_card.real_ncct import measure, tissue_masks

REGIONS = """
spheres:
  aorta: [[-10, -10, 10, 4]]
ranges_hu:
  bone: [300, 3000]
muscle_hu: [30, 90]
mediastinum_box_mm: [[-15, -5], [-15, -5]]
"""


@pytest.fixture
def ncct_hu() -> np.ndarray:
    volume = np.full((20, 20, 20), 50.0)
    volume[12:] = 800
    return volume


@pytest.fixture
def masks(tmp_path, ncct_hu) -> dict[str, np.ndarray]:
    (tmp_path / "regions.yaml").write_text(REGIONS)
    return tissue_masks(ncct_hu, np.eye(4), tmp_path / "regions.yaml")  # index (x, y, z) is RAS mm: LPS is (-x, -y, z)


def test_a_sphere_lies_at_its_lps_position(masks):
    assert masks["aorta"][10, 10, 10]
    assert not masks["aorta"][10, 15, 10]


def test_tissue_is_found_by_its_hu(masks, ncct_hu):
    assert ncct_hu[masks["bone"]].min() == 800


def test_muscle_inside_the_mediastinal_box_does_not_count(masks):
    assert masks["muscle"][4, 4, 10]
    assert not masks["muscle"][8, 10, 10]


def test_changes_are_measured_inside_the_mask(ncct_hu):
    source_hu = torch.from_numpy(ncct_hu)[None]
    (row,) = measure(source_hu, source_hu + 20, {"bone": ncct_hu > 300})
    assert (row["NCCT, HU"], row["Syn-CTA, HU"], row["change, HU"]) == ("800", "820", "+20.0")
