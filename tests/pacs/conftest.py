"""Tests against real peers: marked `pacs`, skipped where the peers are not installed."""

from pathlib import Path

import pytest

from tests.pacs.peers import missing_peers


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in this folder, and skip it where a peer is missing."""
    missing = missing_peers()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.pacs)
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"install with tests/pacs/install_peers.sh: {missing}"))
