"""Fixtures that all tests share."""

import os
import tempfile
from pathlib import Path

import pytest

from app.cuda_runtime import preload_cuda_runtime

# MONAI imports the App SDK, and that Holoscan, wherever both are installed: a bare machine needs the library first.
preload_cuda_runtime()

# Converted networks of the tests are kept for all of them and leave nothing behind in the user's cache.
_CONVERTED = tempfile.TemporaryDirectory(prefix="syn-cta-converted-")
os.environ.setdefault("SYN_CTA_CACHE", _CONVERTED.name)

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def bundle_folder(repository: Path) -> Path:
    """The bundle as shipped."""
    return repository / "bundle"


@pytest.fixture(scope="session")
def shared_data(repository: Path) -> Path:
    """Real CT beside the repository; tests that need it are skipped where it is missing."""
    folder = repository.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real CT is not at ../shared/data")
    return folder
