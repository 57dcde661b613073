"""Mutated series never crash the loader: it gives a sound series, or a typed refusal.

The long run is `python benchmarks/fuzz_loader.py --minutes 30`.
"""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.loader_outcome import outcome
from tests.mutated_series import mutated, mutated_case, widened_corpus

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, of every mutated value


@pytest.mark.slow
def test_the_corpus_itself_is_sound(tmp_path):
    outcomes = {name: outcome(files, tmp_path) for name, files in widened_corpus().items()}
    assert outcomes == dict.fromkeys(widened_corpus(), "read")


@pytest.mark.slow
@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(name=st.deferred(lambda: st.sampled_from(sorted(widened_corpus()))), rng=st.randoms(use_true_random=False))
def test_a_mutated_series_is_read_or_refused(tmp_path_factory, name: str, rng: random.Random):
    folder: Path = tmp_path_factory.mktemp("mutated")
    outcome(mutated(widened_corpus()[name], rng), folder)  # raises where the loader does anything else


@pytest.mark.slow
@pytest.mark.parametrize("case", [915779, 916224])
def test_damaged_jpeg_ls_is_refused(tmp_path, case):
    assert outcome(mutated_case(case), tmp_path) == "corrupt"


@pytest.mark.parametrize(("case", "expected"), [(1206093, "read"), (1213137, "corrupt")])
def test_a_convolution_kernel_that_became_a_number_is_an_unknown_one(tmp_path, case, expected):
    assert outcome(mutated_case(case), tmp_path) == expected
