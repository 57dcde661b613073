"""Jobs in processes."""

import pytest

from cohorts.worker_pool import run_jobs
from tests.bundle.cohorts.crashing_job import work

pytestmark = pytest.mark.slow


def test_without_workers_jobs_run_in_order():
    assert list(run_jobs(lambda job: job + 1, [1, 2, 3], 0, crashed=lambda job: -1)) == [2, 3, 4]


def test_a_process_that_dies_takes_only_its_own_job_with_it():
    assert sorted(run_jobs(work, [1, 2, 3, 4], 2, crashed=lambda job: -job)) == [-2, 10, 30, 40]
