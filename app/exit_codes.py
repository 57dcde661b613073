"""The table of exit codes and their reason codes, for the help of the app."""

import textwrap

from operators.errors import ExitCode, Reason

_WIDTH = 110  # characters of a line
_INDENT = " " * 9


def table() -> str:
    """List every exit code with its meaning, and below it the codes of its reasons."""
    lines = []
    for exit_code in sorted(ExitCode):
        lines.append(f"  {exit_code:3d}  {exit_code.meaning}")
        reasons = ", ".join(reason.code for reason in Reason if reason.exit_code is exit_code)
        lines += textwrap.wrap(reasons, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
    return "\n".join(lines)
