"""A study's server in a process of its own that can be killed, and readers who speak HTTP with it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import requests

from app.reading.study.configuration import DATABASE_VARIABLE
from tests.app.gateway.running import LOOPBACK, ROOT, eventually, free_port
from tests.app.reading.serving_parent import LAST_WORD

_WAIT_S = 120.0


@cache
def _parent() -> subprocess.Popen:
    """The process that starts servers, once for all tests."""
    command = [sys.executable, str(Path(__file__).with_name("serving_parent.py"))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


class StudyServer:
    """`python -m app.reading serve` in a process of its own, on one port over all restarts.

    Args:
        folder: the study.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._log = folder.with_name("server.log")
        self._pid: int | None = None

    def start(self, *, die_at: str | None = None, options: Sequence[str] = ()) -> "StudyServer":
        """Start, or start again; `die_at`: a step of `serving_parent.py`; `options` of serve."""
        order = {
            "arguments": ["serve", str(self.folder), "--listen", f"{LOOPBACK}:{self.port}", *options],
            "database": os.environ.get(DATABASE_VARIABLE),
            "log": str(self._log),
            "die_at": die_at,
        }
        parent = _parent()
        parent.stdin.write(json.dumps(order) + "\n")
        parent.stdin.flush()
        self._pid = int(parent.stdout.readline())
        eventually(self._answers, _WAIT_S)
        return self

    def kill(self) -> None:
        """kill -9."""
        os.kill(self._pid, signal.SIGKILL)
        self.wait_for_death()

    def wait_for_death(self) -> None:
        """Until the process is gone."""
        eventually(lambda: not self._runs(), _WAIT_S)

    def stop(self) -> None:
        """End it, if it runs."""
        if self._pid is not None and self._runs():
            self.kill()

    def _runs(self) -> bool:
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _answers(self) -> bool:
        """Whether it answers, or has died at its step already: readers do not wait for the test."""
        if not self._runs():
            said = self._log.read_text()
            assert said.endswith(LAST_WORD), said
            return True
        try:
            return requests.get(f"{self.url}/closed/", headers={"Host": "localhost"}, timeout=5).status_code == 401
        except requests.RequestException:
            return False


class HttpReader:
    """Somebody who reads without a browser; a server that is away is asked again, as the page does.

    Args:
        server: whose study.
        link, password: of the invitation.
    """

    def __init__(self, server: StudyServer, link: str, password: str) -> None:
        self._server = server
        self._session = requests.Session()
        self._form(f"/enter/{link}/", password=password)
        self._form("/display/")

    def get(self, path: str) -> requests.Response:
        """One GET, tried until there is an answer."""
        return self._tried(lambda: self._session.get(self._server.url + path, timeout=30))

    def post_once(self, path: str, values: dict[str, str]) -> requests.Response:
        """One POST of choices, not tried again."""
        self._open_cookies()
        return self._session.post(
            self._server.url + path,
            json={"values": values, "seconds": 3},
            headers={"X-CSRFToken": self._session.cookies["csrftoken"]},
            timeout=30,
        )

    def post(self, path: str, values: dict[str, str]) -> requests.Response:
        """A POST, tried until there is an answer."""
        return self._tried(lambda: self.post_once(path, values))

    def case(self, path: str = "/case/") -> dict[str, Any] | None:
        """What the page of the open case is told; None when there is none."""
        found = re.search(r'<script id="case" type="application/json">(.*?)</script>', self.get(path).text, re.S)
        return json.loads(found[1]) if found else None

    def _open_cookies(self) -> None:
        """Browsers send Secure cookies to this machine; this library would not."""
        for cookie in self._session.cookies:
            cookie.secure = False

    def _form(self, path: str, **fields: str) -> None:
        self.get(path)
        token = self._session.cookies["csrftoken"]
        send = {"csrfmiddlewaretoken": token, **fields}
        self._tried(lambda: self._session.post(self._server.url + path, data=send, timeout=30))

    def _tried(self, ask: Callable[[], requests.Response]) -> requests.Response:
        end = time.monotonic() + _WAIT_S
        while True:
            self._open_cookies()
            try:
                answer = ask()
                if answer.status_code < 500:
                    return answer
                trouble: Any = answer.status_code
            except requests.RequestException as error:
                trouble = error
            assert time.monotonic() < end, f"the server did not come back: {trouble}"
            time.sleep(0.1)
