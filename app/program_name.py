"""The command as the user typed it: `syn-cta-gateway` where pip installed it, or `python -m app.gateway`."""

import sys
from pathlib import Path


def program_name(module: str, script: str) -> str:
    """The name of a command in its help.

    Args:
        module: what `python -m` runs.
        script: the console script that pip installs for it.
    """
    return script if Path(sys.argv[0]).stem == script else f"python -m {module}"
