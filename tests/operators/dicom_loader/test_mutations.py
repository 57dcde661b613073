"""Mutated series never crash the loader: it gives a sound series, or a typed refusal.

The long run is `python benchmarks/fuzz_loader.py --minutes 30`.
"""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.loader_outcome import outcome
from tests.mutated_series import corpus, mutated, mutated_case

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, of every mutated value

FUZZER = Path(__file__).resolve().parents[3] / "benchmarks" / "fuzz_loader.py"


@pytest.mark.parametrize("name", corpus())
def test_the_corpus_itself_is_sound(tmp_path, name):
    assert outcome(corpus()[name], tmp_path) == "read"


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted(corpus())), rng=st.randoms(use_true_random=False))
def test_a_mutated_series_is_read_or_refused(tmp_path_factory, name: str, rng: random.Random):
    folder: Path = tmp_path_factory.mktemp("mutated")
    outcome(mutated(corpus()[name], rng), folder)  # raises where the loader does anything else


@pytest.mark.parametrize("case", [915779, 916224])
def test_damaged_jpeg_ls_is_refused_and_does_not_end_the_process(case):
    # In a process of its own: GDCM, whose JPEG-LS decoder is not to be asked, would take this one with it.
    run = subprocess.run([sys.executable, FUZZER, "--case", str(case)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.strip()) == (0, "corrupt"), run.stderr[-1000:]


@pytest.mark.parametrize(("case", "expected"), [(1206093, "read"), (1213137, "corrupt")])
def test_a_convolution_kernel_that_became_a_number_is_an_unknown_one(tmp_path, case, expected):
    assert outcome(mutated_case(case), tmp_path) == expected
