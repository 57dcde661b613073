"""The exit codes in words and the reasons that lead to each, for the help of the app."""

import textwrap

from operators.errors import ExitCode, Reason

MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.USAGE: "wrong command line",
    ExitCode.DATA: "the series must not be converted",
    ExitCode.NO_INPUT: "no usable input",
    ExitCode.INTERNAL: "internal error",
    ExitCode.CANNOT_WRITE: "the output cannot be written or exists already",
    ExitCode.RESOURCES: "out of memory, or the GPU asked for is not there; may succeed elsewhere",
    ExitCode.CONFIGURATION: "settings, bundle, weights or CUDA runtime missing or faulty",
    ExitCode.TERMINATED: "ended by SIGTERM or Ctrl-C",
}

_WIDTH = 110  # characters of a line
_INDENT = " " * 9


def table() -> str:
    """List every exit code with its meaning, and below it the codes of its reasons."""
    lines = []
    for exit_code, meaning in sorted(MEANINGS.items()):
        lines.append(f"  {exit_code:3d}  {meaning}")
        reasons = ", ".join(reason.code for reason in Reason if reason.exit_code is exit_code)
        lines += textwrap.wrap(reasons, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
    return "\n".join(lines)
