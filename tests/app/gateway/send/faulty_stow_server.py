"""A STOW-RS server on loopback that takes every request and answers as it is told, true or not."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pydicom

from tests.app.gateway.running import LOOPBACK

JSON = "application/dicom+json"


@dataclass
class Answer:
    """What it answers.

    Attributes:
        body: of the answer.
        content_type: header; empty for none.
        status: of HTTP.
        location: where a redirect points to.
        drip_s: pause before each byte of the body.
    """

    body: bytes = b""
    content_type: str = JSON
    status: int = 200
    location: str | None = None
    drip_s: float = 0.0


def stored(uids: list[str], **changes) -> Answer:
    """A true answer in DICOM JSON: all of these are stored."""
    return Answer(**{"body": json.dumps({"00081199": sequence(uids)}).encode(), **changes})


def sequence(uids: list[str], failure_reason: int | None = None) -> dict:
    """A sequence of references, with a Failure Reason each where there is one."""
    reason = {} if failure_reason is None else {"00081197": {"vr": "US", "Value": [failure_reason]}}
    return {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": [uid]}, **reason} for uid in uids]}


@dataclass
class StowServer:
    """The server.

    Attributes:
        answer: gives the answer to a request that brought these SOP Instance UIDs.
        found: what a search finds, in order.
        pages: whether a search minds its offset; otherwise it gives all of `found` each time.
        requests: method and path of each request.
        uids: SOP Instance UIDs of everything that was brought.
    """

    answer: Callable[[list[str]], Answer] = stored
    found: list[str] = field(default_factory=list)
    pages: bool = True
    requests: list[tuple[str, str]] = field(default_factory=list)
    uids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer((LOOPBACK, 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://{LOOPBACK}:{self._server.server_address[1]}/dicom-web"

    def __enter__(self) -> "StowServer":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def target(self) -> dict:
        """Its entry in gateway.yaml."""
        return {"name": "archive", "kind": "stow", "url": self.url, "timeout_s": 2}


def _handler(server: StowServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.requests.append(("POST", self.path))
            body = self.rfile.read(int(self.headers["Content-Length"]))
            boundary = self.headers["Content-Type"].rsplit("boundary=", 1)[1].encode()
            parts = body.split(b"--" + boundary)[1:-1]
            objects = [pydicom.dcmread(BytesIO(part.split(b"\r\n\r\n", 1)[1])) for part in parts]
            uids = [str(ds.SOPInstanceUID) for ds in objects]
            server.uids += uids
            self._give(server.answer(uids))

        def do_GET(self) -> None:
            server.requests.append(("GET", self.path.split("?")[0]))
            offset = int(self.path.rsplit("offset=", 1)[-1]) if "offset=" in self.path else 0
            # one for each page, though more were asked for
            page = server.found[offset : offset + 1] if server.pages else server.found
            self._give(Answer(json.dumps([{"00080018": {"vr": "UI", "Value": [uid]}} for uid in page]).encode()))

        def _give(self, answer: Answer) -> None:
            self.send_response(answer.status)
            if answer.content_type:
                self.send_header("Content-Type", answer.content_type)
            if answer.location:
                self.send_header("Location", answer.location)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if not answer.drip_s:
                self.wfile.write(answer.body)
                return
            for i in range(len(answer.body)):
                self.wfile.write(answer.body[i : i + 1])
                threading.Event().wait(answer.drip_s)

        def log_message(self, *_: object) -> None:
            """Silent."""

    return Handler
