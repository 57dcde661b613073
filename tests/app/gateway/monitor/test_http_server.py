"""The HTTP port: what it answers, and what a slow client can hold of the gateway."""

import contextlib
import http.client
import socket

import pytest

from app.gateway.metrics import Metrics
from app.gateway.monitor import http_server
from app.gateway.monitor.http_server import HttpServer
from app.gateway.settings import HttpSettings
from tests.app.gateway.running import LOOPBACK, eventually, free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def port(spool, monkeypatch):
    monkeypatch.setattr(http_server, "CLIENTS", 2)
    monkeypatch.setattr(http_server, "_REQUEST_S", 1.0)
    settings = HttpSettings(host=LOOPBACK, port=free_port())
    server = HttpServer(settings, health=dict, ready=dict, page=str, metrics=Metrics(spool))
    server.start()
    yield settings.port
    server.stop()


def client(port):
    return socket.create_connection((LOOPBACK, port), timeout=10)


def answer(port):
    with client(port) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        return connection.recv(12)
    return b""


def asked(port, method, path):
    """Status, Content-Length and body."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    connection.request(method, path)
    response = connection.getresponse()
    return response.status, int(response.headers["Content-Length"]), response.read()


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/absent"])
def test_a_head_is_answered_as_a_get_without_the_body(port, path):
    status, length, body = asked(port, "GET", path)
    assert len(body) == length
    assert asked(port, "HEAD", path) == (status, length, b"")


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/metrics"])
def test_a_query_does_not_hide_the_path(port, path):
    assert asked(port, "GET", f"{path}?x=1")[0] == 200


def test_a_client_that_sends_a_byte_now_and_then_is_cut_by_the_time_of_the_whole_request(port):
    with client(port) as connection:
        connection.settimeout(0.1)

        def is_cut():
            try:
                connection.sendall(b"G")
                return connection.recv(1) == b""
            except TimeoutError:
                return False
            except ConnectionError:
                return True

        eventually(is_cut)


def test_clients_beyond_their_limit_are_closed_at_once_and_served_when_the_others_are_out_of_time(port):
    with client(port), client(port):
        assert answer(port) == b""
        eventually(lambda: answer(port) == b"HTTP/1.0 200")
