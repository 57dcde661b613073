"""Refusals travel whole."""

import pickle

from operators.errors import Reason, Refusal


def test_a_refusal_is_the_same_in_another_process():
    refusal = pickle.loads(pickle.dumps(Refusal(Reason.BUNDLE, "The bundle has no weights.")))  # noqa: S301 - our own
    assert (refusal.reason, refusal.message) == (Reason.BUNDLE, "The bundle has no weights.")
