"""A gateway in a process of its own, and peers around it, for tests. Everything listens on loopback only."""

import contextlib
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pydicom
import yaml
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, StoragePresentationContexts, evt
from pynetdicom.sop_class import CTImageStorage, Verification

from app.gateway.queue.spool import Job, Spool, State
from app.gateway.send.paused_reactor import paused_reactor
from app.gateway.tcp_nodelay import set_tcp_nodelay

ROOT = Path(__file__).resolve().parents[3]
STUB = Path(__file__).with_name("stub_app.py")
LOOPBACK = "127.0.0.1"
PLAIN = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def eventually(condition: Callable[[], Any], timeout_s: float = 60.0, every_s: float = 0.05) -> Any:
    """Wait until a condition holds and give its value; the test fails when it does not."""
    end_s = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end_s, f"not within {timeout_s} s"
        time.sleep(every_s)


class RunningGateway:
    """`python -m app.gateway` with settings for tests: short waiting times, the stub for the app.

    Args:
        folder: takes queue, settings and log.
        targets: targets of gateway.yaml.
        changes: settings to change, by section.
    """

    def __init__(self, folder: Path, targets: list[dict[str, Any]], **changes: Any) -> None:
        self.folder = folder
        self.port, self.http_port = free_port(), free_port()
        self.runs_file = folder / "runs"
        content = {
            "dicom": {"host": LOOPBACK, "port": self.port, "allow": [{"ae_title": "SENDER"}]},
            "queue": {
                "folder": str(folder / "queue"),
                "quiet_s": 0.5,
                "quiet_after_abort_s": 3,
                "quiet_open_association_s": 6,
                "min_free_mb": 1,
            },
            "worker": {
                "command": [sys.executable, str(STUB)],
                "options": ["--runs", str(self.runs_file)],
                "attempts": 3,
                "wait_s": 0.2,
            },
            "targets": targets,
            "retry": {"attempts": 100, "first_s": 0.3, "max_s": 1.0},
            "http": {"host": LOOPBACK, "port": self.http_port},
            "stop_grace_s": 10,
        }
        for section, values in changes.items():
            if isinstance(values, dict):
                content[section].update(values)
            else:
                content[section] = values
        self.settings_file = folder / "gateway.yaml"
        self._content = content
        self.change()
        self.spool = Spool(folder / "queue")
        self.log_file = folder / "gateway.log"
        self.process: subprocess.Popen | None = None

    def change(self, **sections: Any) -> None:
        """Change whole sections of gateway.yaml; they count from the next start."""
        self._content.update(sections)
        self.settings_file.write_text(yaml.safe_dump(self._content))

    def start(self, ready: int = 200) -> "RunningGateway":
        """Start, or start again, and wait until /ready answers with this status."""
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.gateway", "--settings", str(self.settings_file)],
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        eventually(lambda: self.process.poll() is not None or self.http("/ready")[0] == ready, 180)
        assert self.process.poll() is None, self.log
        return self

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)

    def end(self) -> None:
        """Whatever state it is in, end it."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def http(self, path: str) -> tuple[int, str]:
        """Status and body; status 0 while nobody listens."""
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.http_port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, sample: str) -> float:
        """Value of one line of /metrics, without the prefix of the names; 0 where it is not there yet."""
        lines = dict(line.rsplit(" ", 1) for line in self.http("/metrics")[1].splitlines() if not line.startswith("#"))
        return float(lines.get(f"syn_cta_gateway_{sample}", 0))

    def jobs(self, state: State) -> list[Job]:
        """Jobs in a state."""
        return self.spool.jobs(state) if (self.spool.folder / state.value).is_dir() else []

    def counts(self) -> dict[str, int]:
        """Number of jobs in each state that has some."""
        return {state.value: len(jobs) for state in State if (jobs := self.jobs(state))}

    @property
    def runs(self) -> int:
        """Runs of the stub that began."""
        return len(self.runs_file.read_text().splitlines()) if self.runs_file.exists() else 0

    @property
    def log(self) -> str:
        """Everything that it wrote."""
        return self.log_file.read_text()


@contextlib.contextmanager
def running_gateway(folder: Path, targets: list[dict[str, Any]], **changes: Any):
    """A gateway that is running, and ended afterwards."""
    gateway = RunningGateway(folder, targets, **changes)
    try:
        yield gateway.start()
    finally:
        gateway.end()


class Sink:
    """A DICOM node that takes everything and counts it; can refuse, and can drop its associations."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.received: Counter[str] = Counter()
        self.datasets: dict[str, pydicom.Dataset] = {}
        self.status = 0x0000
        self.abort_after: int | None = None
        self._lock = threading.Lock()
        self._server: Any = None

    @property
    def target(self) -> dict[str, Any]:
        """Its entry in gateway.yaml."""
        return {
            "name": "sink",
            "kind": "dicom",
            "host": LOOPBACK,
            "port": self.port,
            "ae_title": "SINK",
            "timeout_s": 10,
        }

    def start(self, tls: ssl.SSLContext | None = None) -> "Sink":
        """Listen."""
        ae = AE("SINK")
        for context in StoragePresentationContexts:
            ae.add_supported_context(context.abstract_syntax, pydicom.uid.AllTransferSyntaxes)
        ae.maximum_associations = 50
        handlers = [(evt.EVT_C_STORE, self._take), (evt.EVT_CONN_OPEN, set_tcp_nodelay)]
        self._server = ae.start_server((LOOPBACK, self.port), block=False, evt_handlers=handlers, ssl_context=tls)
        return self

    def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.ae.shutdown()
            self._server = None

    def _take(self, event: evt.Event) -> int:
        with self._lock:
            if self.status != 0x0000:
                return self.status
            if self.abort_after is not None:
                if self.abort_after == 0:
                    event.assoc.abort()
                    return 0xA700
                self.abort_after -= 1
            ds = event.dataset
            self.received[str(ds.SOPInstanceUID)] += 1
            self.datasets[str(ds.SOPInstanceUID)] = ds
            return 0x0000


def associate(
    port: int,
    ae_title: str = "SENDER",
    called: str = "SYNCTA",
    tls: Any = None,
    contexts: Iterable[tuple[str, list[str]]] = ((CTImageStorage, PLAIN), (Verification, PLAIN)),
):
    """An association with a gateway, established or not."""
    ae = AE(ae_title)
    for sop_class, syntaxes in contexts:
        ae.add_requested_context(sop_class, syntaxes)
    ae.acse_timeout = ae.dimse_timeout = 30
    handlers = [(evt.EVT_CONN_OPEN, set_tcp_nodelay)]
    return ae.associate(LOOPBACK, port, ae_title=called, tls_args=tls, evt_handlers=handlers)


def send(files: Iterable[Path], port: int, **how: Any) -> list[int]:
    """Send files over one association; gives the status of each."""
    association = associate(port, **how)
    assert association.is_established
    try:
        with paused_reactor(association):
            return [association.send_c_store(pydicom.dcmread(file)).Status for file in files]
    finally:
        association.release()
