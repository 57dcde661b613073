"""Mutated series never crash the loader: it gives a sound series, or a typed refusal.

The long run is `python benchmarks/fuzz_loader.py --minutes 30`.
"""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.loader_outcome import outcome
from tests.mutated_series import corpus, mutated


@pytest.mark.parametrize("name", corpus())
def test_the_corpus_itself_is_sound(tmp_path, name):
    assert outcome(corpus()[name], tmp_path) == "read"


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted(corpus())), rng=st.randoms(use_true_random=False))
def test_a_mutated_series_is_read_or_refused(tmp_path_factory, name: str, rng: random.Random):
    folder: Path = tmp_path_factory.mktemp("mutated")
    outcome(mutated(corpus()[name], rng), folder)  # raises where the loader does anything else
