import nibabel
import numpy as np
import pytest
from monai.data import MetaTensor
from monai.transforms import LoadImage

from scripts.data import patients
from studies.model_card.robustness import ALTERATIONS, AlteredInput, score_robustness, summarise

pytestmark = pytest.mark.slow

SPACING_MM = (0.67, 0.67, 1.25)


def enhances_blood(path: str) -> tuple[MetaTensor, MetaTensor]:
    """A synthesis that adds 300 HU to what has between 30 and 50 HU."""
    source_hu = LoadImage(ensure_channel_first=True)(path)
    return source_hu, source_hu + 300.0 * ((source_hu > 30) & (source_hu < 50))


@pytest.fixture
def blood(tmp_path) -> str:
    """A volume of 38 HU."""
    path = tmp_path / "ncct.nii"
    nibabel.save(nibabel.Nifti1Image(np.full((6, 5, 2), 38, np.int16), np.eye(4)), path)
    return str(path)


def test_the_enhancement_is_added_to_the_ncct_as_it_was(blood):
    source_hu, synthetic_hu = AlteredInput(enhances_blood, lambda ncct_hu, spacing_mm: ncct_hu + 10)(blood)
    assert (source_hu.unique().item(), synthetic_hu.unique().item()) == (38, 338)


def test_the_synthesis_sees_the_altered_ncct(blood):
    _, synthetic_hu = AlteredInput(enhances_blood, lambda ncct_hu, spacing_mm: ncct_hu + 20)(blood)
    assert synthetic_hu.unique().item() == 38


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_alteration_keeps_the_grid(name):
    ncct_hu = np.zeros((31, 30, 3), np.float32)
    assert ALTERATIONS[name](ncct_hu, SPACING_MM).shape == ncct_hu.shape


def test_coarse_pixels_blur_an_edge_and_leave_slices_apart():
    ncct_hu = np.zeros((30, 30, 3), np.float32)
    ncct_hu[15:, :, 1] = 100
    coarse = ALTERATIONS["pixels of 1 mm"](ncct_hu, SPACING_MM)
    assert 0 < coarse[14, 15, 1] < 100
    assert coarse[..., 0].max() == 0


def test_the_noise_of_coarse_voxels_is_alike_in_neighbouring_slices():
    noise = ALTERATIONS["voxels of 1.5 mm, with noise of 30 HU"](np.zeros((60, 60, 12), np.float32), SPACING_MM)
    assert 10 < noise.std() < 25
    assert np.corrcoef(noise[..., :-1].ravel(), noise[..., 1:].ravel())[0, 1] > 0.2


def test_every_patient_is_scored_under_every_alteration(small_datalist):
    rows = score_robustness(patients(small_datalist, "training"), enhances_blood)
    assert [row["model"] for row in rows] == [*ALTERATIONS, *ALTERATIONS]


def test_the_summary_has_a_row_an_alteration(small_datalist):
    rows = score_robustness(patients(small_datalist, "training"), enhances_blood)
    assert [row["NCCT"] for row in summarise(rows)] == list(ALTERATIONS)
