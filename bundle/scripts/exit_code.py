"""Turns errors into exit codes, for all commands of the bundle (`python -m cohorts...`)."""

import sys
from collections.abc import Callable

Expected = type[Exception]


def exit_code(run: Callable[[], object], expected: tuple[Expected, ...] = (OSError, ValueError), code: int = 1) -> int:
    """Run a command; errors that its user can fix become one line on stderr, others keep their traceback.

    Args:
        run: the command.
        expected: errors whose text tells the user what to do.
        code: exit code of those.

    Returns:
        0, or `code`.
    """
    try:
        run()
    except expected as error:
        print(f"Error: {error}", file=sys.stderr)
        return code
    return 0
