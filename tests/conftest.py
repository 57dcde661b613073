"""Fixtures that all tests share."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cuda_runtime import preload_cuda_runtime
from app.process_tuning import importing

# MONAI imports the App SDK, and that Holoscan, wherever both are installed: a bare machine needs the library first.
preload_cuda_runtime()

# Converted networks of the tests are kept for all of them and leave nothing behind in the user's cache.
_CONVERTED = tempfile.TemporaryDirectory(prefix="syn-cta-converted-")
os.environ.setdefault("SYN_CTA_CACHE", _CONVERTED.name)

ROOT = Path(__file__).resolve().parents[1]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep the garbage collector from scanning PyTorch and MONAI while they are imported, and in every test."""
    with importing():
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files: one that began last would keep one core busy and the others idle.

    What leaves threads and signal handlers behind comes last, so that no other test meets them.
    """
    items.sort(
        key=lambda item: (
            item.get_closest_marker("leaves_threads") is not None,
            item.get_closest_marker("long") is None,
        )
    )


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
