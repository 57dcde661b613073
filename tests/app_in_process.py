"""Run the app in the process of the tests, and leave logging as it was."""

import logging
import os

from app.cli import main


def run_app(*arguments: object) -> int:
    """Exit code of the app for a command line."""
    level = os.environ.get("HOLOSCAN_LOG_LEVEL")
    try:
        return main([str(argument) for argument in arguments])
    finally:
        for name in ("app", "operators", "scripts"):
            ours = logging.getLogger(name)
            ours.handlers, ours.propagate = [], True
            ours.setLevel(logging.NOTSET)
        if level is None:
            os.environ.pop("HOLOSCAN_LOG_LEVEL", None)
        else:
            os.environ["HOLOSCAN_LOG_LEVEL"] = level
