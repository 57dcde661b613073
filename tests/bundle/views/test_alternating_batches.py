from itertools import islice, repeat

from scripts.views import AlternatingBatches


def test_streams_take_turns():
    assert list(islice(AlternatingBatches([repeat("a"), repeat("b")]), 4)) == ["a", "b", "a", "b"]


def test_a_stream_may_have_more_turns_than_another():
    batches = AlternatingBatches([repeat("a"), repeat("b")], order=[0, 0, 1])
    assert list(islice(batches, 6)) == [
        "a",
        "a",
        "b",
        "a",
        "a",
        "b",
    ]
