"""A part that dies takes the process with it, so that whoever watches starts it again; nothing else ends it."""

import os
import resource
import subprocess
import sys
import threading
import time

import pytest

from app.gateway.convert import worker as worker_module
from app.gateway.convert.worker import Worker
from app.gateway.descriptors import budget_descriptors
from app.gateway.queue.spool import Spool
from app.gateway.receive.intake import Intake
from app.gateway.service import Gateway
from app.gateway.settings import GatewaySettings
from operators.errors import Refusal
from tests.app.gateway.running import LOOPBACK, ROOT, eventually, free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def gateway(tmp_path):
    before = os.umask(0o077)
    target = {"name": "pacs", "kind": "dicom", "host": LOOPBACK, "port": 9, "ae_title": "PACS"}
    yield Gateway(
        GatewaySettings(
            dicom={"host": LOOPBACK, "port": free_port(), "allow": [{"ae_title": "SENDER"}]},
            queue={"folder": tmp_path / "queue"},
            targets=[target],
            http=None,
            stop_grace_s=0,
        )
    )
    os.umask(before)


def test_a_gateway_whose_worker_died_ends(gateway, monkeypatch):
    monkeypatch.setattr(Worker, "run", lambda worker: None)
    with pytest.raises(Refusal, match="worker"):
        gateway.run()


def test_a_thread_that_waits_for_a_peer_does_not_hold_the_end_of_the_process():
    stuck = "import threading; threading.Thread(target=threading.Event().wait).start()"
    code = f"{stuck}; from app.gateway.__main__ import run_and_exit; run_and_exit()"
    settings = str(ROOT / "deploy" / "pacs" / "gateway.yaml")
    done = subprocess.run(
        [sys.executable, "-c", code, "--settings", settings, "--check"], cwd=ROOT, capture_output=True, timeout=120
    )
    assert done.returncode == 0


def test_housekeeping_goes_on_after_any_error(gateway, monkeypatch):
    calls = []

    def fail(intake):
        calls.append(time.monotonic())
        raise TypeError("unforeseen")

    monkeypatch.setattr(Intake, "complete_series", fail)
    running = threading.Thread(target=gateway.run, daemon=True)
    running.start()
    eventually(lambda: len(calls) > 2)
    gateway.request_stop()
    running.join(10)
    assert not running.is_alive()


def test_the_worker_goes_on_when_even_the_queue_cannot_be_read(spool, monkeypatch):
    monkeypatch.setattr(worker_module, "_AFTER_ERROR_S", 0.01)
    calls = []

    def fail(state):
        calls.append(state)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Spool, "jobs", lambda spool, state: fail(state))
    worker = Worker(spool, None, None, None, _NoMetrics())
    worker.start()
    eventually(lambda: len(calls) > 3)
    assert worker.is_alive()
    worker.stop(5)


class _NoMetrics:
    def __getattr__(self, name):
        return self

    def labels(self, *_):
        return self

    def inc(self):
        pass


def test_too_low_a_limit_of_open_files_is_raised_at_the_start():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        budget_descriptors(500)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 500
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_limit_that_cannot_be_raised_is_told_at_the_start(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 256))
    with pytest.raises(Refusal, match="256 files"):
        budget_descriptors(500)
