"""How many patients: power of the primary endpoint and precision of the figures, by simulation."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.reading.protocol.protocol import Protocol
from app.reading.statistics.agreement import gwet
from app.reading.statistics.bootstrap import bca
from app.reading.statistics.proportions import tango, wilson


@dataclass(frozen=True)
class Expectation:
    """Expected result of a study with a number of patients, under the protocol's expectations.

    Attributes:
        patients: analysed.
        power: probability that the Syn-CTA is shown to be not inferior.
        difference_width: mean width of Tango's interval of the primary difference.
        share_width: mean width of Wilson's interval of the Syn-CTA's share.
        ac1_width: width of the BCa interval of readers' agreement (AC1) on the primary endpoint, in one typical study.
    """

    patients: int
    power: float
    difference_width: float
    share_width: float
    ac1_width: float


def joint_shares(share_cta: float, share_syn_cta: float, correlation: float) -> np.ndarray:
    """Probabilities of (both, CTA alone, Syn-CTA alone, neither) for two correlated yes-or-no endpoints.

    The correlation is cut to what these two shares allow.
    """
    p, q = share_cta, share_syn_cta
    both = p * q + correlation * np.sqrt(p * (1 - p) * q * (1 - q))
    both = min(max(both, p + q - 1, 0.0), p, q)
    return np.array([both, p - both, q - both, 1 - p - q + both])


def expectations(protocol: Protocol) -> Iterator[Expectation]:
    """Simulate each number of patients of the protocol; the seed makes it repeatable."""
    planning = protocol.planning
    shares = joint_shares(planning.share_cta, planning.share_syn_cta, planning.correlation)
    for patients in planning.patients:
        drawn = np.random.default_rng([protocol.seed, patients]).multinomial(
            patients, shares, size=planning.simulations
        )
        # The same few tables occur many times: each is computed once.
        tables, times = np.unique(drawn, axis=0, return_counts=True)
        intervals = [tango(int(syn), int(cta), patients, protocol.alpha) for _, cta, syn, _ in tables]
        single = [wilson(int(both + syn), patients, protocol.alpha) for both, _, syn, _ in tables]
        weights = times / times.sum()
        yield Expectation(
            patients,
            power=float(weights @ [interval.low > -protocol.primary.margin for interval in intervals]),
            difference_width=float(weights @ [interval.high - interval.low for interval in intervals]),
            share_width=float(weights @ [share.high - share.low for share in single]),
            ac1_width=_ac1_width(protocol, patients),
        )


def _ac1_width(protocol: Protocol, patients: int) -> float:
    """Two readers with the planned share, whose answers are as correlated as the scans of a patient."""
    share = protocol.planning.share_syn_cta
    joint = joint_shares(share, share, max(protocol.planning.correlation, 0.2))
    counts = np.round(joint * patients).astype(int)
    counts[0] += patients - counts.sum()
    parts = np.repeat(np.eye(4), np.maximum(counts, 0), axis=0).reshape(-1, 2, 2)
    estimate = bca(parts, lambda tables: gwet(tables, np.eye(2)), seed=protocol.seed, alpha=protocol.alpha)
    return estimate.high - estimate.low
