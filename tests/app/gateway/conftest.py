"""Fixtures of the gateway's tests."""

import pytest

from app.gateway.queue.spool import Spool


@pytest.fixture
def spool(tmp_path):
    """An open, empty queue."""
    spool = Spool(tmp_path / "queue")
    spool.open()
    yield spool
    spool.close()
