"""On HTTP: / (a page for people), /health (is it alive), /ready (can it take series), /metrics (Prometheus)."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST

from app.gateway.metrics import Metrics
from app.gateway.settings import HttpSettings
from operators.errors import Reason, Refusal

Checks = Callable[[], dict[str, bool]]


CLIENTS = 32
"""Clients at the same time; a probe needs one for a moment."""

_REQUEST_S = 10.0
"""Time limit for a request and its answer, however slowly the client sends or reads."""


class _BoundedServer(ThreadingHTTPServer):
    """Bounds the number of clients and the time of each."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._ends_s: dict[socket.socket, float] = {}
        self._lock = threading.Lock()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether there is room for one more client."""
        with self._lock:
            if len(self._ends_s) >= CLIENTS:
                return False
            self._ends_s[request] = time.monotonic() + _REQUEST_S
            return True

    def shutdown_request(self, request: Any) -> None:
        """The end of a request."""
        with self._lock:
            self._ends_s.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Called twice a second: disconnects clients whose time is over."""
        with self._lock:
            late = [request for request, end_s in self._ends_s.items() if time.monotonic() > end_s]
            for request in late:
                with contextlib.suppress(OSError):  # it has just ended by itself
                    request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing: clients that disconnect are normal."""


class HttpServer:
    """Serves the four paths, read-only.

    Args:
        settings: address.
        health: checks that must hold while the process is worth keeping.
        ready: checks that must hold to take series.
        page: makes the page for people.
        metrics: counters.
    """

    def __init__(
        self, settings: HttpSettings, *, health: Checks, ready: Checks, page: Callable[[], str], metrics: Metrics
    ) -> None:
        try:
            self._server = _BoundedServer((settings.host, settings.port), _handler(health, ready, page, metrics))
        except OSError as error:
            raise Refusal(
                Reason.SETTINGS,
                "The gateway cannot listen on http.host and http.port. Check whether another service uses the port.",
            ) from error

    def start(self) -> None:
        """Serve in a thread."""
        threading.Thread(target=self._server.serve_forever, name="http", daemon=True).start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _handler(health: Checks, ready: Checks, page: Callable[[], str], metrics: Metrics) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _REQUEST_S

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/":
                self._answer(HTTPStatus.OK, "text/html; charset=utf-8", page().encode())
            elif path == "/metrics":
                self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, metrics.text())
            elif path in ("/health", "/ready"):
                checks = health() if path == "/health" else ready()
                status = HTTPStatus.OK if all(checks.values()) else HTTPStatus.SERVICE_UNAVAILABLE
                self._answer(status, "application/json", json.dumps(checks).encode() + b"\n")
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"/ /health /ready /metrics\n")

        def _answer(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing: there is a probe every few seconds."""

    return Handler
