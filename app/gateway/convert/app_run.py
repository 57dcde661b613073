"""One run of the app on the objects of a job, in a process of its own.

A process for each job costs a few seconds for loading libraries. In return, a crash, a leak or an exhausted GPU ends
one job and not the gateway, a run can be stopped at any moment, and the app is the same as on the command line.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from app.gateway.queue.results import result_files
from app.gateway.settings import WorkerSettings
from operators.errors import ExitCode, Reason

logger = logging.getLogger(__name__)

APP_COMMAND = (sys.executable, "-m", "app")

_LOG_TAIL_BYTES = 65536
_POLL_S = 0.1
_TERMINATE_S = 10.0


class Verdict(Enum):
    """How a run ended."""

    OK = "ok"
    REFUSED = "refused"  # the series must not be converted: a second run would give the same result
    FAILED = "failed"  # another run may succeed
    INTERRUPTED = "interrupted"  # stopped because the gateway stops, or the job was cancelled


@dataclass(frozen=True)
class RunResult:
    """How a run ended, and why where it did not end well.

    Attributes:
        verdict: how.
        reason: reason code of the app, or one of the gateway.
    """

    verdict: Verdict
    reason: str | None = None


def run_app(
    objects: Path, result: Path, log: Path, *, settings: WorkerSettings, interrupt: Callable[[], bool]
) -> RunResult:
    """Run the app.

    Args:
        objects: its input folder.
        result: its output folder; must not exist.
        log: file for its log, which holds no patient data.
        settings: command and time limit.
        interrupt: the run is stopped when this returns True.

    Returns:
        How it ended.
    """
    command = [*(settings.command or APP_COMMAND), "-i", str(objects), "-o", str(result), *settings.options]
    with log.open("wb") as log_file:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.gateway.convert.parent_death_signal", str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log_file,
            start_new_session=True,  # Ctrl-C in the gateway's terminal is the gateway's business
        )
        try:
            why = _wait(process, time.monotonic() + settings.timeout_s, interrupt)
        finally:
            _end(process)
    if why is not None:
        return why
    code = process.returncode
    if code == ExitCode.OK:
        return RunResult(Verdict.OK) if result_files(result) else RunResult(Verdict.FAILED, "no_result")
    if code < 0:
        return RunResult(Verdict.FAILED, f"killed_by_{signal.Signals(-code).name}")
    reason = _reason(log) or f"exit_code_{code}"
    return RunResult(Verdict.REFUSED if _is_final(code, reason) else Verdict.FAILED, reason)


def _is_final(code: int, reason: str) -> bool:
    """Whether another run would give the same result; a reason counts only with its own exit code.

    With --all the last reason may be that of another study than the exit code.
    """
    final = (each.code for each in Reason if each.is_final and each.exit_code == code)
    return code == ExitCode.DATA or reason in final  # DATA is final also for a reason that this version does not know


def _wait(process: subprocess.Popen, end_s: float, interrupt: Callable[[], bool]) -> RunResult | None:
    """Wait until the process ends by itself (None), or must be ended."""
    while True:
        try:
            process.wait(_POLL_S)
            return None
        except subprocess.TimeoutExpired:
            if interrupt():
                return RunResult(Verdict.INTERRUPTED)
            if time.monotonic() > end_s:
                return RunResult(Verdict.FAILED, "timeout")


def _end(process: subprocess.Popen) -> None:
    """End the process with everything that it started; nothing happens when it has ended."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        try:
            os.killpg(process.pid, signal_number)
            process.wait(_TERMINATE_S)
        except (ProcessLookupError, subprocess.TimeoutExpired) as error:
            logger.debug("The app did not end on signal %d: %s", signal_number, type(error).__name__)


def _reason(log: Path) -> str | None:
    """Reason code in the last line of JSON that the app wrote."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _LOG_TAIL_BYTES))
        lines = file.read().decode("utf-8", "replace").splitlines()
    for line in reversed(lines):
        if line.startswith("{"):
            try:
                reason = json.loads(line).get("reason")
            except ValueError:
                continue
            return reason if isinstance(reason, str) and reason.replace("_", "").isalnum() else None
    return None
