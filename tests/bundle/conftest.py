"""Fixtures of the bundle's tests."""

from pathlib import Path

import pytest
from bundle.small_cohort import write_small_cohort


@pytest.fixture(scope="session")
def small_datalist(tmp_path_factory) -> Path:
    """Datalist of two training patients and one for validation, 128 x 128 x 8."""
    return write_small_cohort(tmp_path_factory.mktemp("cohort"))
