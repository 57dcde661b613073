"""The plan's simulation gives what theory says at its edges, and the same for the same seed."""

import numpy as np
import pytest

from app.reading.protocol.power import expectations, joint_shares
from app.reading.protocol.protocol import protocol_from


def plan(patients, **planning):
    content = {"planning": {"patients": [patients], "simulations": 1000, **planning}}
    return next(iter(expectations(protocol_from(content))))


def test_joint_shares_keep_both_margins():
    both, cta, syn_cta, neither = joint_shares(0.9, 0.7, 0.3)
    assert (both + cta, both + syn_cta, both + cta + syn_cta + neither) == pytest.approx((0.9, 0.7, 1.0))


def test_a_correlation_that_cannot_be_is_cut():
    assert np.all(joint_shares(0.99, 0.5, 0.99) >= 0)


def test_more_patients_give_more_power_and_precision():
    small, large = plan(40), plan(200)
    assert small.power < large.power and small.difference_width > large.difference_width


@pytest.mark.slow
def test_a_syn_cta_at_the_margin_is_passed_as_often_as_alpha_says():
    assert plan(200, share_cta=0.9, share_syn_cta=0.8, correlation=0).power == pytest.approx(0.025, abs=0.015)


def test_the_same_seed_gives_the_same_plan():
    assert plan(60) == plan(60)
