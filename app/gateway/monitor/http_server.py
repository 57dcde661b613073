"""Health and metrics on HTTP: /health (is it alive), /ready (can it take series), /metrics (Prometheus)."""

import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST

from app.gateway.monitor.metrics import Metrics
from app.gateway.settings import HttpSettings
from operators.errors import Reason, Refusal

Checks = Callable[[], dict[str, bool]]


class HttpServer:
    """Serves the three paths, read-only.

    Args:
        settings: address.
        health: checks that must hold while the process is worth keeping.
        ready: checks that must hold to take series.
        metrics: counters.
    """

    def __init__(self, settings: HttpSettings, *, health: Checks, ready: Checks, metrics: Metrics) -> None:
        try:
            self._server = ThreadingHTTPServer((settings.host, settings.port), _handler(health, ready, metrics))
        except OSError as error:
            raise Refusal(
                Reason.SETTINGS, "http.host and http.port cannot be bound. Is another service using the port?"
            ) from error
        self._server.daemon_threads = True

    def start(self) -> None:
        """Serve in a thread."""
        threading.Thread(target=self._server.serve_forever, name="http", daemon=True).start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _handler(health: Checks, ready: Checks, metrics: Metrics) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds for a client to say what it wants

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, metrics.text())
            elif self.path in ("/health", "/ready"):
                checks = health() if self.path == "/health" else ready()
                status = HTTPStatus.OK if all(checks.values()) else HTTPStatus.SERVICE_UNAVAILABLE
                self._answer(status, "application/json", json.dumps(checks).encode() + b"\n")
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"/health /ready /metrics\n")

        def _answer(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A probe every few seconds is no news."""

    return Handler
