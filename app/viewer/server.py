"""The local web server of the viewer: the page, the list of results, and their bricks; read-only."""

import json
import logging
import secrets
import threading
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from app.viewer.bricks import brick_ranges, encode_brick
from app.viewer.page_data import describe_result, list_results
from app.viewer.results import Result
from app.viewer.volumes import ResultVolumes, SourceFolder
from operators.errors import Reason, Refusal

logger = logging.getLogger(__name__)

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
_JSON = "application/json"
_HEADERS = {
    # The page may load from this server alone; Cornerstone3D makes its workers from blobs.
    "Content-Security-Policy": "default-src 'self'; worker-src 'self' blob:; img-src 'self' data: blob:; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",  # pictures of patients must not stay in the browser's cache
}
_OPEN_RESULTS = 4


class ViewerServer:
    """Serves results on 127.0.0.1.

    Every address begins with a random token, so that other users of the machine cannot look.

    Args:
        results: what to show.
        source: folder of the NCCT, None where it is not known.
        page: folder of the built page.
        port: 0 for a free one.

    Raises:
        Refusal: SETTINGS, when the port is taken.
    """

    def __init__(self, results: list[Result], *, source: Path | None, page: Path, port: int = 0) -> None:
        self._token = secrets.token_urlsafe(16)
        content = _Content(results, SourceFolder(source), page)
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(content, self._token))
        except OSError as error:
            raise Refusal(
                Reason.SETTINGS, f"Port {port} is used by another program. Give another --port, or none."
            ) from error
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://127.0.0.1:{self._server.server_port}/{self._token}/"

    def serve(self) -> None:
        """Serve until interrupted."""
        self._server.serve_forever()

    def start(self) -> None:
        """Serve in a thread."""
        threading.Thread(target=self._server.serve_forever, name="viewer", daemon=True).start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Content:
    """Bodies of the answers.

    Args:
        results: what to show.
        source: where the NCCT may be.
        page: folder of the built page.
    """

    def __init__(self, results: list[Result], source: SourceFolder, page: Path) -> None:
        self._results = results
        self._source = source
        self._page = page
        self._opening = threading.Lock()
        self._opened = lru_cache(_OPEN_RESULTS)(lambda number: ResultVolumes(results[number], source))
        if len(results) == 1:  # its headers are read while the browser starts
            threading.Thread(target=self._open_first, name="open first result", daemon=True).start()

    def answer(self, path: str) -> tuple[bytes, dict[str, str]]:
        """Body and headers for a path below the token.

        Raises:
            LookupError: for an unknown path.
            Refusal: when a result cannot be read.
        """
        match path.split("/"):
            case ["results.json"]:
                return _json(list_results(self._results))
            case ["result", number] if number.endswith(".json"):
                chosen = self._number(number.removesuffix(".json"))
                return _json(
                    describe_result(
                        self._results[chosen],
                        self._volumes(chosen),
                        base=f"result/{chosen}",
                        source_given=self._source.folder is not None,
                    )
                )
            case ["result", number, name, brick]:
                volumes = self._volumes(self._number(number))
                ranges = brick_ranges(volumes.shape[0])
                if name not in volumes.names or not brick.isdecimal() or int(brick) >= len(ranges):
                    raise LookupError(path)
                body = encode_brick(volumes.hu(name, ranges[int(brick)]))
                return body, {"Content-Type": "application/octet-stream"}
            case [name]:
                return self._file(name or "index.html")
        raise LookupError(path)

    def _number(self, text: str) -> int:
        if not text.isdecimal() or int(text) >= len(self._results):
            raise LookupError(text)
        return int(text)

    def _volumes(self, number: int) -> ResultVolumes:
        with self._opening:
            return self._opened(number)

    def _open_first(self) -> None:
        with suppress(Refusal):  # the page asks again, and gets the error
            self._volumes(0)

    def _file(self, name: str) -> tuple[bytes, dict[str, str]]:
        path = self._page / name
        if path.suffix not in _TYPES or not path.is_file():
            raise LookupError(name)
        return path.read_bytes(), {"Content-Type": _TYPES[path.suffix]}


def _json(content: object) -> tuple[bytes, dict[str, str]]:
    return json.dumps(content).encode(), {"Content-Type": _JSON}


def _asked_for(host: str, target: str) -> tuple[str | None, str, str]:
    """Host, token and path below it of a request; empty where a client does not write them as HTTP has them."""
    try:
        _, token, *path = urlsplit(target).path.split("/", 2)
        return urlsplit(f"//{host}").hostname, token, path[0] if path else ""
    except ValueError:
        return None, "", ""


def _handler(content: _Content, token: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60  # seconds for a client to say what it wants
        disable_nagle_algorithm = True  # a body would wait 40 ms for the receipt of its headers

        def do_GET(self) -> None:
            host, given, path = _asked_for(self.headers.get("Host", ""), self.path)
            # Another site's page can reach this port under its own host name (DNS rebinding): accept only ours.
            if host not in ("127.0.0.1", "localhost") or not secrets.compare_digest(given.encode(), token.encode()):
                self._send(HTTPStatus.NOT_FOUND, b"Open the address that the viewer printed.\n", {})
                return
            try:
                body, headers = content.answer(path)
                self._send(HTTPStatus.OK, body, headers)
            except LookupError:
                self._send(HTTPStatus.NOT_FOUND, b"There is no such page.\n", {})
            except Refusal as refusal:
                body, headers = _json({"reason": refusal.reason.code, "message": refusal.message})
                self._send(HTTPStatus.INTERNAL_SERVER_ERROR, body, headers)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the page was closed while bricks were on their way
            except Exception as error:  # its text may quote a header or a path
                logger.error("Internal error of the viewer (%s).", type(error).__name__)
                body, headers = _json({"reason": "internal", "message": "Internal error of the viewer."})
                self._send(HTTPStatus.INTERNAL_SERVER_ERROR, body, headers)

        def _send(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "text/plain; charset=utf-8", **_HEADERS, **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing: addresses hold the token."""

    return Handler
