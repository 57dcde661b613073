"""Starts servers of studies quickly: it has everything imported, and forks for each line on its input.

A line is JSON: `arguments` of `python -m app.reading`, `database` (its address, or null), `log` (a file), `die_at` (a
step of `STEPS` at which the server kills itself, or null). The answer is the server's process id.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import app.reading.study  # noqa: F401  makes Django ready
from app.reading.cli import main
from app.reading.commands import running  # noqa: F401  what serve would import
from app.reading.study import answers, lock, urls  # noqa: F401
from app.reading.study import consensus as consensus_rules
from app.reading.study.configuration import DATABASE_VARIABLE
from app.reading.study.pages import case, consensus, lead

LAST_WORD = "killed at its step\n"
"""In the log of a server that died where it was told to."""


def _die() -> None:
    os.write(2, LAST_WORD.encode())
    os.kill(os.getpid(), signal.SIGKILL)


def _die_before(function: Callable) -> Callable:
    def dying(*arguments: Any, **options: Any) -> Any:
        _die()

    return dying


def _die_after(function: Callable) -> Callable:
    def dying(*arguments: Any, **options: Any) -> Any:
        function(*arguments, **options)
        _die()

    return dying


STEPS = {
    "case is asked for": (case, "open_case", _die_before),
    "case is opened": (case, "open_case", _die_after),
    "draft comes": (case, "save_draft", _die_before),
    "draft is kept": (case, "save_draft", _die_after),
    "answer comes": (case, "submit", _die_before),
    "answer is written, its event is not": (answers, "append_event", _die_before),
    "answer and event are written, not committed": (answers, "append_event", _die_after),
    "answer is committed, the reader not told": (case, "submit", _die_after),
    "decision is written, its event is not": (consensus_rules, "append_event", _die_before),
    "decision is committed, nobody told": (consensus, "decide", _die_after),
    "lock is written, its event is not": (lock, "append_event", _die_before),
    "lock is committed, nobody told": (lead, "lock", _die_after),
}


def _serve(order: dict[str, Any]) -> None:
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.pop(DATABASE_VARIABLE, None)
    if order["database"]:
        os.environ[DATABASE_VARIABLE] = order["database"]
    if order["die_at"]:
        module, name, dying = STEPS[order["die_at"]]
        setattr(module, name, dying(getattr(module, name)))
    os._exit(main(order["arguments"]))


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are not kept
    pid = 0
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _serve(json.loads(line))
        print(pid, flush=True)
    if pid:
        os.kill(pid, signal.SIGKILL)  # the tests ended before their server
