"""How far a long stage is, in the log."""

import logging

import pytest

from operators import progress
from operators.progress import with_progress


@pytest.fixture
def lines(caplog, monkeypatch):
    clock = iter(range(0, 1000, 4))  # four seconds for each look
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    caplog.set_level(logging.INFO, "operators")
    logging.getLogger("operators").propagate = True

    def run(total):
        assert list(with_progress(range(total), total, stage="synthesize", unit="slab")) == list(range(total))
        return [record.getMessage() for record in caplog.records]

    return run


def test_every_item_is_passed_on_and_the_first_line_says_how_many(lines):
    assert lines(2)[0] == "synthesize: 0 of 2 slabs"


def test_a_line_comes_every_ten_seconds_with_the_time_left(lines):
    assert lines(8)[1:3] == ["synthesize: 2 of 8 slabs, 36 s left", "synthesize: 5 of 8 slabs, 14 s left"]
