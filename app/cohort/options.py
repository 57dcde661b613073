"""The options that both commands of a cohort have."""

import argparse
import os
from pathlib import Path

from app.logs import LEVELS
from app.shipped import BUNDLE, SETTINGS


def argument_parser(prog: str, description: str) -> argparse.ArgumentParser:
    """Make a parser with the options that both commands have.

    Args:
        prog: how the command is typed.
        description: text of its help.

    Returns:
        The parser; options of one command alone are added to it.
    """
    made = argparse.ArgumentParser(
        prog=prog, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument(
        "manifest", type=Path, help="CSV file with the columns study,input,output[,series_uid], one line for each study"
    )
    made.add_argument(
        "-m",
        "--model",
        type=Path,
        default=_path("HOLOSCAN_MODEL_PATH") or BUNDLE,
        metavar="BUNDLE",
        help="as for the app",
    )
    made.add_argument(
        "--settings",
        type=Path,
        default=_path("HOLOSCAN_CONFIG_PATH") or SETTINGS,
        metavar="FILE",
        help="as for the app",
    )
    made.add_argument("--device", default="auto", help="as for the app (default: auto)")
    made.add_argument("-l", "--log-level", type=str.upper, choices=LEVELS, default="INFO", help="as for the app")
    return made


def _path(variable: str) -> Path | None:
    return Path(os.environ[variable]) if os.environ.get(variable) else None
