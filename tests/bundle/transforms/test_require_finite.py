import pytest
import torch

from scripts.transforms import RequireFinited


def test_numbers_pass():
    record = {"ncct": torch.zeros(1, 2, 2), "patient": "p1"}
    assert RequireFinited("ncct")(record) == record


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused_with_the_patient(value):
    with pytest.raises(ValueError, match="'ncct' of p1 holds NaN or infinite values"):
        RequireFinited("ncct")({"ncct": torch.tensor([0.0, value]), "patient": "p1"})
