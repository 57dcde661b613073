import logging

import pytest

from scripts.data import log_draws


def slices(region: str, patients: int, each: int = 2) -> list[dict]:
    return [{"cohort": "own", "patient": f"{region}-{i // each}", "region": region} for i in range(patients * each)]


@pytest.fixture
def told(caplog):
    """Makes what is logged of a cohort's slices."""

    def log(records: list[dict], level: int = logging.INFO) -> list[str]:
        with caplog.at_level(logging.INFO):
            log_draws(records, ["region"], slices_per_epoch=30, max_epochs=2)
        return [record.getMessage() for record in caplog.records if record.levelno == level]

    return log


def test_it_tells_how_often_a_run_goes_through_its_slices(told):
    first, *_ = told(slices("chest", 4) + slices("neck", 1))
    assert first == "An epoch draws 30 times from 10 slices of 5 patients; the run uses each slice 6 times on average."


def test_it_tells_each_groups_share(told):
    _, *groups = told(slices("chest", 4) + slices("neck", 1))
    assert groups == [
        "chest: 4 patients with 8 slices, 50 % of the draws",
        "neck: 1 patients with 2 slices, 50 % of the draws",
    ]


def test_it_warns_where_few_patients_have_the_share_of_many(told):
    (warning,) = told(slices("chest", 40) + slices("unknown", 2), logging.WARNING)
    assert warning.startswith("A patient of unknown is drawn 20 times as often as one of chest")


def test_it_does_not_warn_of_groups_of_like_size(told):
    assert told(slices("chest", 9) + slices("neck", 1), logging.WARNING) == []
