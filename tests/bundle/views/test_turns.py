from itertools import islice, repeat

from scripts.views import InTurn


def test_streams_take_turns():
    assert list(islice(InTurn([repeat("a"), repeat("b")]), 4)) == ["a", "b", "a", "b"]


def test_a_stream_may_have_more_turns_than_another():
    assert list(islice(InTurn([repeat("a"), repeat("b")], turns=[0, 0, 1]), 6)) == ["a", "a", "b", "a", "a", "b"]
