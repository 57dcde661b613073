"""Logging for the user: one line for each stage on stderr, and one line of JSON when a run is refused.

Only our own loggers are shown. Other libraries' messages and warnings may quote a header (a name, an id), so they are
silenced at every level.
"""

import argparse
import json
import logging
import os
import sys
from datetime import datetime

from operators.errors import Refusal

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_OURS = ("app", "operators", "scripts")  # scripts: the bundle's own code, which never sees a header
_HOLOSCAN_LEVEL = "HOLOSCAN_LOG_LEVEL"


class _Formatter(logging.Formatter):
    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """Local date, time and offset (ISO 8601): the log of a service is read days later, beside that of a PACS."""
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="seconds")


def add_log_level(parser: argparse.ArgumentParser, default: str = "INFO") -> None:
    """Give a command the option -l, for `set_up_logging`."""
    parser.add_argument(
        "-l",
        "--log-level",
        type=str.upper,
        choices=LEVELS,
        default=default,
        help="level of the log, which never shows patient data",
    )


def set_up_logging(level: str) -> None:
    """Show our loggers on stderr and nothing else; call before Holoscan is imported.

    Args:
        level: one of `LEVELS`; DEBUG also shows Holoscan's log.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    for name in _OURS:
        ours = logging.getLogger(name)
        ours.handlers = [handler]
        ours.setLevel(level)
        ours.propagate = False
    logging.getLogger().addHandler(logging.NullHandler())  # or Python prints unhandled warnings of libraries
    os.environ.setdefault(_HOLOSCAN_LEVEL, "INFO" if level == "DEBUG" else "OFF")


def silence_other_threads() -> None:
    """Stop all other threads from writing to the log; for a process that is about to end."""
    for name in _OURS:
        for handler in logging.getLogger(name).handlers:
            handler.acquire()  # never released


def report_refusal(refusal: Refusal, *, study: str | None = None) -> None:
    """Write the line of JSON that machines read.

    Args:
        refusal: why the run ended.
        study: name of its result folder, where it was one of several.
    """
    line = {
        "status": "refused",
        **({} if study is None else {"study": study}),
        "exit_code": int(refusal.exit_code),
        "reason": refusal.reason.code,
        "message": refusal.message,
    }
    print(json.dumps(line), file=sys.stderr, flush=True)
