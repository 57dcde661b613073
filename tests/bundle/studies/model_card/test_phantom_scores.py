import pytest
from monai.data import MetaTensor
from monai.transforms import LoadImage

from scripts.data import patients
from studies.model_card.phantom_scores import score_patients, summarise

pytestmark = pytest.mark.slow


def raised_by_100_hu(path: str) -> tuple[MetaTensor, MetaTensor]:
    """A synthesis that adds 100 HU everywhere."""
    source_hu = LoadImage(ensure_channel_first=True)(path)
    return source_hu, source_hu + 100


@pytest.fixture
def rows(small_datalist) -> list[dict]:
    return score_patients(patients(small_datalist, "training"), raised_by_100_hu, {"NCCT unchanged": None})


def test_every_patient_is_scored_unchanged_and_as_synthesised(rows):
    assert [row["model"] for row in rows] == ["NCCT unchanged", "Syn-CTA"] * 2


def test_the_lumen_error_is_against_the_aligned_truth(rows):
    unchanged, synthesised = (row["lumen error, HU"] for row in rows[:2])
    assert unchanged == pytest.approx(310, abs=2)
    assert synthesised == pytest.approx(210, abs=2)


def test_the_unchanged_ncct_has_no_false_enhancement(rows):
    assert rows[0]["false enhancement"] == 0


def test_the_summary_has_every_region_and_all_together(rows):
    assert [(row["region"], row["patients"]) for row in summarise(rows)] == [("all", 2)] * 2 + [("chest", 2)] * 2
